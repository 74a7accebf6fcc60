import type { CallHandler, ExecutionContext } from '@nestjs/common';
import { catchError, type Observable } from 'rxjs';
import { AsyncInterceptor, RookeryError, asHttpException, type Call, type Target } from '../core/index.js';

/** Takes a call one step further; `next` runs the rest of it and is called at most once. */
export type CallStep = (call: Call, next: () => Promise<unknown>) => Promise<unknown>;

/**
 * Runs the rest of a call and tells how it ended, then settles in the same way: an async function with `try` and
 * `finally`, at half its cost.
 */
export function followed<T>(
  next: () => Promise<T>,
  succeeded: () => void,
  failed: (thrown: unknown) => void,
): Promise<T> {
  let work: Promise<T>;
  try {
    work = next();
  } catch (thrown) {
    failed(thrown);
    return Promise.reject(thrown);
  }
  return work.then(
    (value) => {
      succeeded();
      return value;
    },
    (thrown: unknown) => {
      failed(thrown);
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

  override around<T>(call: Call, next: () => Promise<T>): Promise<T> {
    let prepared = this.#steps.get(call.target);
    if (prepared === undefined) this.#steps.set(call.target, (prepared = { step: this.prepare(call.target) }));
    return prepared.step === undefined ? next() : (prepared.step(call, next) as Promise<T>);
  }

  override intercept(context: ExecutionContext, handler: CallHandler): Observable<unknown> {
    return super.intercept(context, handler).pipe(
      catchError((thrown: unknown) => {
        throw context.getType() === 'http' && thrown instanceof RookeryError ? asHttpException(thrown) : thrown;
      }),
    );
  }
}
