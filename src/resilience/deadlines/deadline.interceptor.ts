import { Injectable } from '@nestjs/common';
import {
  CancelledError,
  Suspension,
  Telemetry,
  type Call,
  type EndListener,
  type Target,
  type WaitListener,
} from '../../core/index.js';
import { PreparedInterceptor, followed, type CallStep, type Follower } from '../prepared-interceptor.js';
import { ResilienceOptions } from '../resilience.options.js';
import { DeadlineWheel } from './deadline-wheel.js';
import { TimeoutError } from './timeout-error.js';
import { WheelEntry } from './timing-wheel.js';

/**
 * Sets the deadline of a call: counted from when it was made, less what its request had waited for before, never later
 * than that of the call in whose course it is made, or than the one it came with. At the deadline the call ends for its
 * caller with `timeout`, its signal aborts, and a late result is dropped. An outer call that ends ends the calls in its
 * course.
 *
 * While a call waits for a person its deadline stands still.
 */
@Injectable()
export class DeadlineInterceptor extends PreparedInterceptor {
  readonly #timeouts;

  constructor(
    private readonly wheel: DeadlineWheel,
    private readonly options: ResilienceOptions,
    telemetry: Telemetry,
  ) {
    super();
    this.#timeouts = telemetry.counter({
      name: 'rookery_timeouts_total',
      help: 'Calls that did not end by their deadline, by target.',
      labels: ['target'],
    });
  }

  /** Never `undefined`: also a target without a deadline of its own may be called in the course of one that has. */
  override prepare(target: Target): CallStep {
    const { defaultMs, taskMs } = this.options.timeouts;
    const timeoutMs = target.policy.timeoutMs ?? (target.task === undefined ? defaultMs : taskMs);
    const own = timeoutMs === 0 ? Infinity : timeoutMs;
    const timedOut = (): void => this.#timeouts.bind({ target: target.name }).add(1);
    return (call, next) => {
      const { parent } = call;
      const ownDeadline = call.startedAt - call.waitedMs + own;
      const deadline = Math.min(ownDeadline, call.deadline ?? Infinity, parent?.deadline ?? Infinity);
      if (deadline === Infinity && parent === undefined) return next();
      return timed(
        call,
        next,
        new CallDeadline(this.wheel, call, deadline, deadline === ownDeadline ? own : undefined, timedOut),
      );
    };
  }

  /** Outside the pipeline nobody else races the call against its end. */
  override around<T>(call: Call, next: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const stop = call.onEnded(reject);
      super.around(call, next).finally(stop).then(resolve, reject);
    });
  }
}

function timed(call: Call, next: () => unknown, deadline: CallDeadline): unknown {
  call.follow(deadline);
  call.onWaiting(deadline);
  if (call.parent !== undefined) deadline.endWith(call.parent);
  if (!call.aborted) deadline.start();
  return followed(call.aborted ? () => refuseEnded(call) : next, deadline);
}

function refuseEnded({ signal }: Call): never {
  throw signal.reason;
}

/** Why a call ends whose outer call has: with that one's reason, unless that one only waits for an answer. */
function endOfOuter(reason: unknown): unknown {
  return reason instanceof Suspension ? new CancelledError() : reason;
}

/** The deadline of one call, standing in the wheel. */
class CallDeadline extends WheelEntry implements EndListener, WaitListener, Follower {
  /** Milliseconds that are left while it stands still. */
  #left: number | undefined;
  #over = false;
  #stopParent: (() => void) | undefined;

  constructor(
    private readonly wheel: DeadlineWheel,
    private readonly call: Call,
    private readonly deadline: number,
    private readonly timeoutMs: number | undefined,
    private readonly timedOut: () => void,
  ) {
    super();
  }

  /** The call ends when the one does in whose course it is made. */
  endWith(outer: Call): void {
    this.#stopParent = outer.onEnded((reason) => this.call.abort(endOfOuter(reason)));
  }

  start(): void {
    if (this.deadline === Infinity) return;
    this.call.deadline = this.deadline;
    if (this.deadline <= this.wheel.now()) this.due();
    else this.wheel.add(this, this.deadline);
  }

  override due(): void {
    this.timedOut();
    const { kind, target } = this.call;
    this.call.abort(new TimeoutError(`${kind} "${target.name}"`, this.timeoutMs));
  }

  pause(): void {
    const { deadline } = this.call;
    if (this.#over || this.#left !== undefined || deadline === undefined) return;
    this.wheel.remove(this);
    this.#left = deadline - this.wheel.now();
    this.call.deadline = undefined;
  }

  resume(): void {
    if (this.#over || this.#left === undefined) return;
    const deadline = this.wheel.now() + this.#left;
    this.#left = undefined;
    this.call.deadline = deadline;
    this.wheel.add(this, deadline);
  }

  succeeded(): void {
    this.callEnded();
    this.call.unfollow(this);
    this.#stopParent?.();
  }

  failed(): void {
    this.succeeded();
  }

  callEnded(): void {
    this.#over = true;
    this.wheel.remove(this);
  }
}
