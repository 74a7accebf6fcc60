import { Injectable, Logger, Optional, type BeforeApplicationShutdown } from '@nestjs/common';
import { Telemetry, redactError, type Target } from '../../core/index.js';
import { DeadlineWheel } from '../deadlines/deadline-wheel.js';
import { ResilienceOptions } from '../resilience.options.js';
import { ConcurrencyLimit } from './concurrency-limit.js';
import type { LeasedSlots } from './leased-slots.js';
import { SharedSlots } from './shared-slots.js';
import { SlotStore } from './slot-store.js';

/** A limit with the gauge of its queue. */
export interface TargetConcurrency {
  readonly limit: ConcurrencyLimit;
  readonly queued: { add(value: number): void };
  /** Its slots, where it shares them with other processes. */
  readonly leased?: LeasedSlots | undefined;
}

/** A limit as operators see it. */
export interface ConcurrencyStatus {
  /** The target, as `kind:name`; `all` for the one on everything. */
  readonly name: string;
  readonly max: number;
  readonly running: number;
  readonly queued: number;
  /** Of the slots that all processes share, those that this one has; without where it shares none. */
  readonly leased?: number;
  /** Whether this process counts by itself now, as the store of shared slots does not answer. */
  readonly alone?: boolean;
}

/** The name of the limit on everything; no target has it, as theirs have a colon. */
const ALL = 'all';

/**
 * The concurrency limits of this server: one on everything, and one of each target that has its own. Those of targets hold
 * over all processes that share a {@link SlotStore}, where there is one; the one on everything guards this process.
 */
@Injectable()
export class ConcurrencyLimits implements BeforeApplicationShutdown {
  /** The limit on everything that runs. */
  readonly all: TargetConcurrency;
  readonly #limits = new Map<string, TargetConcurrency>();
  readonly #queueLength;
  readonly #shared: SharedSlots | undefined;

  constructor(
    private readonly wheel: DeadlineWheel,
    private readonly options: ResilienceOptions,
    telemetry: Telemetry,
    @Optional() store?: SlotStore,
  ) {
    this.#queueLength = telemetry.gauge({
      name: 'rookery_queue_length',
      help: 'Calls that wait for a slot, by concurrency limit.',
      labels: ['limit'],
    });
    this.#shared = store && sharedSlots(store, wheel, telemetry);
    this.all = this.#make(ALL, options.limits.maxConcurrency);
  }

  /** The limit of a target; `undefined` where there is none. The same for one that replaces it under its name. */
  of({ kind, name, policy }: Target): TargetConcurrency | undefined {
    const max = policy.maxConcurrency ?? this.options.limits.perTool;
    if (max === undefined) return undefined;
    const known = this.#limits.get(`${kind}:${name}`);
    return known?.limit.settings.max === max ? known : this.#make(`${kind}:${name}`, max, this.#shared);
  }

  /** Every limit, as it stands. */
  status(): readonly ConcurrencyStatus[] {
    return [...this.#limits].map(([name, { limit, leased }]) => ({
      name,
      max: limit.settings.max,
      running: limit.running,
      queued: limit.queued,
      ...(leased && { leased: leased.held, alone: this.#shared?.alone === true }),
    }));
  }

  /** Every call has ended when modules are destroyed; the store is there until `onApplicationShutdown`. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.#shared?.close();
  }

  #make(name: string, max: number, shared?: SharedSlots): TargetConcurrency {
    const { maxQueue, maxWaitMs } = this.options.limits;
    let leased: LeasedSlots | undefined;
    const limit = new ConcurrencyLimit(
      { max, maxQueue, maxWaitMs },
      this.wheel,
      shared && ((user) => (leased = shared.lease({ name, max }, user))),
    );
    const made = { limit, queued: this.#queueLength.bind({ limit: name }), leased };
    this.#limits.set(name, made);
    return made;
  }
}

function sharedSlots(store: SlotStore, wheel: DeadlineWheel, telemetry: Telemetry): SharedSlots {
  const logger = new Logger('Concurrency');
  const alone = telemetry
    .counter({
      name: 'rookery_slots_local_total',
      help: 'Calls whose concurrency was limited by this process alone, as the store of shared slots did not answer.',
    })
    .bind({});
  return new SharedSlots(store, {
    wheel,
    onLetInAlone: () => alone.add(1),
    onAlone: (error) =>
      logger.warn({
        msg: 'the store of shared slots does not answer: each process counts by itself',
        err: redactError(error),
      }),
    onTogether: () => logger.log({ msg: 'the store of shared slots answers again' }),
  });
}
