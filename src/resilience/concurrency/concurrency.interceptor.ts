import { Injectable } from '@nestjs/common';
import { RookeryError, Telemetry, type Call, type Target } from '../../core/index.js';
import { PreparedInterceptor, followed, type CallStep } from '../prepared-interceptor.js';
import { ResilienceOptions } from '../resilience.options.js';
import { ConcurrencyLimits, type TargetConcurrency } from './concurrency-limits.js';
import type { ConcurrencyLimit } from './concurrency-limit.js';
import { EventLoopDelay } from './event-loop-delay.js';
import { Slots } from './slots.js';

/** Why a call is refused. */
type Overload = 'queue_full' | 'wait' | 'event_loop';

/**
 * Lets so many calls run at once, of a target (`maxConcurrency`; of all processes that share a store of slots) and in
 * all; the next ones wait shortly, further ones are refused, and so is everything new while the event loop is too late to
 * serve what it has.
 *
 * A call that is made in the course of another one runs in that one's place: it needs a slot of its target only. A call
 * that waits for a person gives its slots up and is first in line when it goes on.
 *
 * @throws RookeryError `overloaded`, with the seconds to wait (`retryAfter`) as details
 */
@Injectable()
export class ConcurrencyInterceptor extends PreparedInterceptor {
  readonly #overloaded;

  constructor(
    private readonly limits: ConcurrencyLimits,
    private readonly loop: EventLoopDelay,
    private readonly options: ResilienceOptions,
    telemetry: Telemetry,
  ) {
    super();
    this.#overloaded = telemetry.counter({
      name: 'rookery_overloaded_total',
      help: 'Calls refused because too much runs or waits, by target and reason.',
      labels: ['target', 'reason'],
    });
  }

  override prepare(target: Target): CallStep {
    const own = this.limits.of(target);
    const outer = own === undefined ? [this.limits.all] : [own, this.limits.all];
    const inner = own === undefined ? [] : [own];
    const { eventLoopDelayMs } = this.options.limits;
    return (call, next) => {
      const nested = call.parent !== undefined;
      if (!nested && eventLoopDelayMs > 0 && this.loop.delayMs > eventLoopDelayMs) {
        throw this.#refusal(call, 'event_loop');
      }
      const limits = nested ? inner : outer;
      const entered = enterNow(limits);
      if (entered === limits.length) return inSlots(call, next, limits);
      return this.#queue(call, limits, entered).then(() => inSlots(call, next, limits));
    };
  }

  /** Waits for the slots that are missing, one limit after another; gives back what it has when that fails. */
  async #queue(call: Call, limits: readonly TargetConcurrency[], entered: number): Promise<void> {
    let held = entered;
    try {
      for (const limit of limits.slice(entered)) {
        // One after another: whoever waits for a slot of its target takes none of all.
        await this.#enter(call, limit);
        held++;
      }
      if (call.aborted) throw call.signal.reason;
    } catch (thrown) {
      for (const { limit } of limits.slice(0, held)) limit.leave();
      throw thrown;
    }
  }

  async #enter(call: Call, { limit, queued }: TargetConcurrency): Promise<void> {
    if (limit.tryEnter()) return;
    const waiting = limit.wait();
    if (waiting === undefined) throw this.#refusal(call, 'queue_full');
    const stop = call.onEnded((reason) => waiting.cancel(reason));
    queued.add(1);
    try {
      const entered = await waiting.entered;
      if (!entered) throw this.#refusal(call, waiting.crowdedOut ? 'queue_full' : 'wait');
    } finally {
      queued.add(-1);
      stop();
    }
  }

  #refusal({ kind, target }: Call, reason: Overload): RookeryError {
    this.#overloaded.bind({ target: target.name, reason }).add(1);
    const retryAfter = Math.max(1, Math.ceil(this.options.limits.maxWaitMs / 1000));
    const what =
      reason === 'event_loop'
        ? 'The server has more to do than it can'
        : `Too many calls of ${kind} "${target.name}" or of all run at once`;
    return new RookeryError('overloaded', `${what}. Try again in ${retryAfter} s.`, { retryAfter });
  }
}

/** Takes slots as long as there are free ones; how many. */
function enterNow(limits: readonly TargetConcurrency[]): number {
  let entered = 0;
  while (entered < limits.length && (limits[entered] as TargetConcurrency).limit.tryEnter()) entered++;
  return entered;
}

function inSlots(call: Call, next: () => unknown, held: readonly { readonly limit: ConcurrencyLimit }[]): unknown {
  if (held.length === 0) return next();
  const slots = new Slots(
    call,
    held.map(({ limit }) => limit),
  );
  call.follow(slots);
  call.onWaiting(slots);
  return followed(next, slots);
}
