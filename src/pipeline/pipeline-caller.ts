import { Injectable, Logger } from '@nestjs/common';
import {
  ActiveCall,
  CallObservers,
  Caller,
  CancelledError,
  NoTracer,
  Suspension,
  TargetRegistries,
  Tracer,
  UnknownTargetError,
  asRookeryError,
  redactError,
  type Call,
  type CallObserver,
  type MaybePromise,
  type Outcome,
  type RunObserver,
} from '../core/index.js';
import { Invoker } from './invoker.js';

/** The {@link Caller}: finds the target, runs the pipeline, and tells observers of every end. */
@Injectable()
export class PipelineCaller extends Caller {
  readonly #logger = new Logger('Pipeline');

  constructor(
    private readonly targets: TargetRegistries,
    private readonly observers: CallObservers,
    private readonly invoker: Invoker,
    private readonly active: ActiveCall,
    private readonly tracer: Tracer = new NoTracer(),
  ) {
    super();
  }

  override async call(call: Call): Promise<Outcome> {
    return this.settle(call);
  }

  override settle(call: Call): MaybePromise<Outcome> {
    return this.active.run({ call, trace: this.tracer.begin(call) }, () => this.#call(call));
  }

  #call(call: Call): MaybePromise<Outcome> {
    const found = this.targets.find(call.kind, call.name);
    if (found !== undefined) call.bind(found.target, 'input' in found ? found.input : call.input);
    const observers = this.observers.all;
    let outcome: MaybePromise<Outcome>;
    try {
      startAll(observers, call);
      outcome = this.#observed(call, this.observers.wrapping);
    } catch (thrown) {
      outcome = this.#failure(call, thrown);
    }
    if (!(outcome instanceof Promise)) return this.#tellEnd(call, outcome, observers);
    return outcome.then(
      (settled) => this.#tellEnd(call, settled, observers),
      (thrown: unknown) => this.#tellEnd(call, this.#failure(call, thrown), observers),
    );
  }

  /** Tells observers of the end, one after another from this index on, and waits for those who ask for it. */
  #tellEnd(call: Call, outcome: Outcome, observers: readonly CallObserver[], index = 0): MaybePromise<Outcome> {
    for (let next = index; next < observers.length; next++) {
      try {
        const told = observers[next]?.end?.(call, outcome);
        if (told === undefined) continue;
        return told
          .catch((error: unknown) => this.#untold(call, error))
          .then(() => this.#tellEnd(call, outcome, observers, next + 1));
      } catch (error) {
        this.#untold(call, error);
      }
    }
    return outcome;
  }

  #untold({ id: callId }: Call, error: unknown): void {
    this.#logger.error({ msg: 'an observer failed at the end of a call', callId, err: redactError(error) });
  }

  /** Inside of every observer that wants it, from the one with this index on. */
  #observed(call: Call, wrapping: readonly RunObserver[], index = 0): MaybePromise<Outcome> {
    const observer = wrapping[index];
    return observer === undefined
      ? this.#run(call)
      : observer.run(call, () => this.#observed(call, wrapping, index + 1));
  }

  #run(call: Call): MaybePromise<Outcome> {
    const target = call.targetIfFound;
    if (target === undefined) return this.#failure(call, new UnknownTargetError(call.kind, call.name));
    const work = this.invoker.invoke(target, call);
    if (!(work instanceof Promise)) return succeeded(call, call.race(work));
    return this.#settle(call, work, (suspension) => {
      suspension.continued?.(this.#rest(call, work));
      return { code: suspension.code, value: suspension.value, durationMs: performance.now() - call.startedAt };
    });
  }

  #settle(call: Call, work: Promise<unknown>, suspended: (by: Suspension) => Outcome): Promise<Outcome> {
    return call.race(work).then(
      (value) => succeeded(call, value),
      (thrown: unknown) => (thrown instanceof Suspension ? suspended(thrown) : this.#failure(call, thrown)),
    );
  }

  /** What becomes of a call whose request was answered before it ended. It cannot be suspended again. */
  #rest(call: Call, work: Promise<unknown>): Promise<Outcome> {
    return this.#settle(call, work, () => this.#failure(call, new Error('The call was suspended twice.')));
  }

  #failure(call: Call, thrown: unknown): Outcome {
    const error =
      call.aborted && !(thrown instanceof CancelledError) ? cancelled(call, thrown) : asRookeryError(thrown, call);
    const outcome = { code: error.code, error, durationMs: performance.now() - call.startedAt };
    const unexpected = error.code === 'internal' && (error !== thrown || error.cause !== undefined);
    const explained = error === thrown && error.cause !== undefined;
    if (unexpected || explained) {
      const { id: callId, kind, principal } = call;
      const target = call.targetIfFound?.name ?? call.name;
      const err = redactError(error.cause);
      const fields = { msg: 'a call failed', callId, kind, target, principal: principal?.id, err };
      if (unexpected) this.#logger.error(fields);
      else this.#logger.warn({ ...fields, outcome: error.code });
    }
    return outcome;
  }
}

function succeeded({ startedAt }: Call, value: unknown): Outcome {
  return { code: 'ok', value, durationMs: performance.now() - startedAt };
}

/** Every observer hears of the start, also when one before it refuses the call: each will hear of the end. */
function startAll(observers: readonly CallObserver[], call: Call): void {
  let refusal: { readonly thrown: unknown } | undefined;
  for (const observer of observers) {
    try {
      observer.start?.(call);
    } catch (thrown) {
      refusal ??= { thrown };
    }
  }
  if (refusal !== undefined) throw refusal.thrown;
}

/** What is thrown after an abort is most often its consequence; the caller is told of the abort itself. */
function cancelled(call: Call, thrown: unknown): ReturnType<typeof asRookeryError> {
  return asRookeryError(call.signal.reason ?? thrown, call);
}
