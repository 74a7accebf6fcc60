import { Injectable } from '@nestjs/common';
import { RookeryError, type Call, type EndListener, type Target } from '../../core/index.js';
import { PreparedInterceptor, followed, type CallStep, type Follower } from '../prepared-interceptor.js';
import { ResilienceOptions } from '../resilience.options.js';
import type { Breaker, BreakerPermit } from './breaker.js';
import { CircuitBreakers } from './circuit-breakers.js';
import { verdictOf } from './verdict.js';

/**
 * Refuses calls of a tool that keeps failing, for a while. Every tool has a breaker of its own unless its `breaker` says
 * otherwise; other targets have one when they ask for it.
 *
 * @throws RookeryError `breaker_open`, with the seconds to wait (`retryAfter`) and the `breaker`'s name as details
 */
@Injectable()
export class CircuitBreakerInterceptor extends PreparedInterceptor {
  constructor(
    private readonly breakers: CircuitBreakers,
    private readonly options: ResilienceOptions,
  ) {
    super();
  }

  /** @throws Error when targets share a breaker by name and want different settings of it */
  override prepare(target: Target): CallStep | undefined {
    const { breaker: policy = target.kind === 'tool' } = target.policy;
    if (!this.options.circuitBreaker.enabled || policy === false) return undefined;
    const { name = breakerName(target), countToolErrors = false, ...overrides } = policy === true ? {} : policy;
    const breaker = this.breakers.get(name, overrides);
    const admitted: AdmittedStep = (call, next, permit) => {
      if (permit === undefined) throw refusal(call, name, breaker);
      return guarded(call, next, new Judgement(breaker, permit, call, countToolErrors));
    };
    return (call, next) => {
      const permit = breaker.enter();
      if (!(permit instanceof Promise)) return admitted(call, next, permit);
      return permit.then((late) => {
        // Who went away meanwhile has tried nothing.
        if (late !== undefined && call.aborted) {
          breaker.ignored(late);
          throw call.signal.reason;
        }
        return admitted(call, next, late);
      });
    };
  }
}

type AdmittedStep = (call: Call, next: () => unknown, permit: BreakerPermit | undefined) => unknown;

function guarded(call: Call, next: () => unknown, judgement: Judgement): unknown {
  call.follow(judgement);
  return followed(next, judgement);
}

/** Gives a permit back, once: a call that has ended for its caller is judged by that, whatever it still does. */
class Judgement implements EndListener, Follower {
  #open = true;

  constructor(
    private readonly breaker: Breaker,
    private readonly permit: BreakerPermit,
    private readonly call: Call,
    private readonly countToolErrors: boolean,
  ) {}

  succeeded(): void {
    if (this.#open) this.breaker.succeeded(this.permit);
    this.#open = false;
    this.call.unfollow(this);
  }

  failed(thrown: unknown): void {
    this.callEnded(thrown);
    this.call.unfollow(this);
  }

  callEnded(reason: unknown): void {
    if (!this.#open) return;
    this.#open = false;
    const verdict = verdictOf(reason, this.call, this.countToolErrors);
    if (verdict === 'fault') this.breaker.failed(this.permit);
    else if (verdict === 'success') this.breaker.succeeded(this.permit);
    else this.breaker.ignored(this.permit);
  }
}

/** Tools go by their name; what else is called says what it is. */
function breakerName({ kind, name }: Target): string {
  return kind === 'tool' ? name : `${kind}:${name}`;
}

function refusal({ kind, target }: Call, breaker: string, { retryAfterMs }: Breaker): RookeryError {
  const retryAfter = Math.max(1, Math.ceil(retryAfterMs / 1000));
  const message = `${kind} "${target.name}" has failed repeatedly and is left alone for now. Try again in ${retryAfter} s.`;
  return new RookeryError('breaker_open', message, { retryAfter, breaker });
}
