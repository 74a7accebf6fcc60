import { Injectable, Logger } from '@nestjs/common';
import {
  CallObservers,
  Caller,
  CancelledError,
  TargetRegistries,
  UnknownTargetError,
  asRookeryError,
  isFailure,
  redactError,
  type Call,
  type CallObserver,
  type Outcome,
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
  ) {
    super();
  }

  override async call(call: Call): Promise<Outcome> {
    const found = this.targets.find(call.kind, call.name);
    if (found !== undefined) call.bind(found.target, 'input' in found ? found.input : call.input);
    const observers = this.observers.all;
    const started: CallObserver[] = [];
    let outcome: Outcome;
    try {
      for (const observer of observers) {
        started.push(observer);
        observer.start?.(call);
      }
      outcome = await this.#observed(call, started);
    } catch (thrown) {
      outcome = this.#failure(call, thrown);
    }
    for (const observer of started) {
      const ended = observer.end?.(call, outcome);
      if (ended !== undefined) await ended;
    }
    return outcome;
  }

  #observed(call: Call, observers: readonly CallObserver[]): Promise<Outcome> {
    const wrapping = observers.filter((observer) => observer.run !== undefined);
    if (wrapping.length === 0) return this.#run(call);
    return wrapping.reduceRight<() => Promise<Outcome>>(
      (next, observer) => () => observer.run?.(call, next) ?? next(),
      () => this.#run(call),
    )();
  }

  async #run(call: Call): Promise<Outcome> {
    const target = call.targetIfFound;
    try {
      if (target === undefined) throw new UnknownTargetError(call.kind, call.name);
      const value = await call.race(this.invoker.invoke(target, call));
      return { code: 'ok', value, durationMs: performance.now() - call.startedAt };
    } catch (thrown) {
      return this.#failure(call, thrown);
    }
  }

  #failure(call: Call, thrown: unknown): Outcome {
    const error =
      call.aborted && !(thrown instanceof CancelledError) ? cancelled(call, thrown) : asRookeryError(thrown, call);
    const outcome = { code: error.code, error, durationMs: performance.now() - call.startedAt };
    if (isFailure(outcome) && outcome.code === 'internal' && error.cause !== undefined) {
      const { id: callId, kind, name: target, principal } = call;
      const err = redactError(error.cause);
      this.#logger.error({ msg: 'a call failed', callId, kind, target, principal: principal?.id, err });
    }
    return outcome;
  }
}

/** What is thrown after an abort is most often its consequence; the caller is told of the abort itself. */
function cancelled(call: Call, thrown: unknown): ReturnType<typeof asRookeryError> {
  return asRookeryError(call.signal.reason ?? thrown, call);
}
