import { InMemoryTelemetry } from '../../core/index.js';
import { BreakerSharing } from './breaker-sharing.js';
import type { BreakerPermit } from './breaker.js';
import { InMemorySharedBreakers } from './in-memory-shared-breakers.js';
import {
  SharedBreakers,
  type BreakerAnswer,
  type BreakerReport,
  type SharedBreakersListener,
} from './shared-breakers.js';
import type { SharedCircuitBreaker } from './shared-circuit-breaker.js';

/** Of the breakers of these processes. */
export const SETTINGS = { failureThreshold: 3, timeoutMs: 1_000, halfOpenMaxCalls: 1 };

/** What everybody shares, as one process reaches it: or does not, while its line is cut. */
export class Line extends SharedBreakers {
  readonly reports: BreakerReport[] = [];
  /** Events that get no answer from now on though the line is not cut. */
  losing = 0;
  /** Whether what happens elsewhere is not heard, as it takes its time. */
  deaf = false;
  #cut = false;
  #listener: SharedBreakersListener | undefined;

  constructor(private shared: InMemorySharedBreakers) {
    super();
  }

  override get reachable(): boolean {
    return !this.#cut;
  }

  override listen(listener: SharedBreakersListener): void {
    this.#listener = listener;
    this.#connect();
  }

  override async report(report: BreakerReport): Promise<BreakerAnswer> {
    if (this.#cut) throw new Error('away');
    this.reports.push(report);
    if (this.losing-- > 0) throw new Error('lost');
    const answer = await this.shared.report(report);
    if (this.#cut) throw new Error('away');
    return answer;
  }

  cut(): void {
    this.#cut = true;
    this.#listener?.left(new Error('away'));
  }

  mend(shared = this.shared): void {
    this.shared = shared;
    this.#cut = false;
    this.#connect();
  }

  #connect(): void {
    const { shared } = this;
    const hears = (): boolean => !this.#cut && !this.deaf && this.shared === shared;
    shared.listen({
      changed: (state) => hears() && this.#listener?.changed(state),
      joined: (states) => this.#listener?.joined(states),
      left: () => undefined,
    });
  }
}

/** Two processes on one clock. */
export class Bench {
  now = 0;
  readonly shared = new InMemorySharedBreakers(() => this.now);
  readonly a = new Process(this);
  readonly b = new Process(this);
}

/** One process with a breaker. */
export class Process {
  readonly telemetry = new InMemoryTelemetry();
  readonly line: Line;
  readonly sharing: BreakerSharing;
  #breaker: SharedCircuitBreaker | undefined;

  constructor(bench: Bench) {
    this.line = new Line(bench.shared);
    this.sharing = new BreakerSharing(this.line, this.telemetry, () => bench.now);
  }

  get breaker(): SharedCircuitBreaker {
    return (this.#breaker ??= this.sharing.make('tool', SETTINGS));
  }

  get state(): string {
    return this.breaker.state;
  }

  /** Lets calls pass and end so, and what comes of it be heard. */
  async calls(...ends: readonly ('succeeded' | 'failed' | 'ignored')[]): Promise<void> {
    for (const end of ends) this.breaker[end](await this.enter());
    await settled();
  }

  async enter(): Promise<BreakerPermit> {
    const permit = await this.breaker.enter();
    if (permit === undefined) throw new Error('refused');
    return permit;
  }

  get failures(): Record<string, number> {
    const samples = this.telemetry.samples().filter(({ name }) => name === 'rookery_breaker_share_failures_total');
    return Object.fromEntries(samples.map(({ labels, value }) => [labels['event'] ?? '', value]));
  }
}

/** Everything in these tests is done in promises that wait for nothing else. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}
