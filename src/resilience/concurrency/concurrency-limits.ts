import { Injectable } from '@nestjs/common';
import { Telemetry, type Target } from '../../core/index.js';
import { DeadlineWheel } from '../deadlines/deadline-wheel.js';
import { ResilienceOptions } from '../resilience.options.js';
import { ConcurrencyLimit } from './concurrency-limit.js';

/** A limit with the gauge of its queue. */
export interface TargetConcurrency {
  readonly limit: ConcurrencyLimit;
  readonly queued: { add(value: number): void };
}

/** A limit as operators see it. */
export interface ConcurrencyStatus {
  /** The target, as `kind:name`; `all` for the one on everything. */
  readonly name: string;
  readonly max: number;
  readonly running: number;
  readonly queued: number;
}

/** The name of the limit on everything; no target has it, as theirs have a colon. */
const ALL = 'all';

/** The concurrency limits of this server: one on everything, and one of each target that has its own. */
@Injectable()
export class ConcurrencyLimits {
  /** The limit on everything that runs. */
  readonly all: TargetConcurrency;
  readonly #limits = new Map<string, TargetConcurrency>();
  readonly #queueLength;

  constructor(
    private readonly wheel: DeadlineWheel,
    private readonly options: ResilienceOptions,
    telemetry: Telemetry,
  ) {
    this.#queueLength = telemetry.gauge({
      name: 'rookery_queue_length',
      help: 'Calls that wait for a slot, by concurrency limit.',
      labels: ['limit'],
    });
    this.all = this.#make(ALL, options.limits.maxConcurrency);
  }

  /** The limit of a target; `undefined` where there is none. The same for one that replaces it under its name. */
  of({ kind, name, policy }: Target): TargetConcurrency | undefined {
    const max = policy.maxConcurrency ?? this.options.limits.perTool;
    if (max === undefined) return undefined;
    const known = this.#limits.get(`${kind}:${name}`);
    return known?.limit.settings.max === max ? known : this.#make(`${kind}:${name}`, max);
  }

  /** Every limit, as it stands. */
  status(): readonly ConcurrencyStatus[] {
    return [...this.#limits].map(([name, { limit }]) => ({
      name,
      max: limit.settings.max,
      running: limit.running,
      queued: limit.queued,
    }));
  }

  #make(name: string, max: number): TargetConcurrency {
    const { maxQueue, maxWaitMs } = this.options.limits;
    const made = {
      limit: new ConcurrencyLimit({ max, maxQueue, maxWaitMs }, this.wheel),
      queued: this.#queueLength.bind({ limit: name }),
    };
    this.#limits.set(name, made);
    return made;
  }
}
