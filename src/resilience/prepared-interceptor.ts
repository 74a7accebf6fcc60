import type { CallHandler, ExecutionContext } from '@nestjs/common';
import { catchError, type Observable } from 'rxjs';
import { AsyncInterceptor, RookeryError, asHttpException, type Call, type Target } from '../core/index.js';

/**
 * Takes a call one step further; `next` runs the rest of it and is called at most once. Both return a value or a promise
 * of it, and may throw.
 */
export type CallStep = (call: Call, next: () => unknown) => unknown;

/** Hears how the rest of a call ended. */
export interface Follower {
  succeeded(): void;
  failed(thrown: unknown): void;
}

/**
 * Runs the rest of a call and tells how it ended, then ends in the same way: an async function with `try` and `finally`
 * at half its cost, and without a promise where the rest has none.
 */
export function followed(next: () => unknown, follower: Follower): unknown {
  let work: unknown;
  try {
    work = next();
  } catch (thrown) {
    follower.failed(thrown);
    throw thrown;
  }
  if (!(work instanceof Promise)) {
    follower.succeeded();
    return work;
  }
  return work.then(
    (value: unknown) => {
      follower.succeeded();
      return value;
    },
    (thrown: unknown) => {
      follower.failed(thrown);
      throw thrown;
    },
  );
}

/**
 * An interceptor that gets ready for a target once. The pipeline takes what {@link prepare} returns as a stage; anywhere
 * else Nest calls it as any interceptor, and on a controller its refusals become `HttpException`s.
 */
export abstract class PreparedInterceptor extends AsyncInterceptor {
  readonly #steps = new WeakMap<Target, { readonly step: CallStep | undefined }>();

  /** What there is to do around calls of a target; `undefined` when there is nothing. */
  abstract prepare(target: Target): CallStep | undefined;

  override async around<T>(call: Call, next: () => Promise<T>): Promise<T> {
    let prepared = this.#steps.get(call.target);
    if (prepared === undefined) this.#steps.set(call.target, (prepared = { step: this.prepare(call.target) }));
    return prepared.step === undefined ? next() : (prepared.step(call, next) as T | Promise<T>);
  }

  override intercept(context: ExecutionContext, handler: CallHandler): Observable<unknown> {
    return super.intercept(context, handler).pipe(
      catchError((thrown: unknown) => {
        throw context.getType() === 'http' && thrown instanceof RookeryError ? asHttpException(thrown) : thrown;
      }),
    );
  }
}
