import { SharedBreakerRecord } from './shared-breaker-record.js';
import {
  SharedBreakers,
  type BreakerAnswer,
  type BreakerReport,
  type SharedBreakersListener,
} from './shared-breakers.js';

/** Breakers of several servers in one process: for tests, and to read what others must do. */
export class InMemorySharedBreakers extends SharedBreakers {
  override readonly reachable = true;
  readonly #records = new Map<string, SharedBreakerRecord>();
  readonly #listeners: SharedBreakersListener[] = [];

  /** @param now - milliseconds, never going back */
  constructor(private readonly now: () => number = () => performance.now()) {
    super();
  }

  override listen(listener: SharedBreakersListener): void {
    this.#listeners.push(listener);
    const records = [...this.#records.values()].filter(({ quiet }) => !quiet);
    listener.joined(records.map((record) => record.state(this.now())));
  }

  override async report(report: BreakerReport): Promise<BreakerAnswer> {
    let record = this.#records.get(report.name);
    if (record === undefined) this.#records.set(report.name, (record = new SharedBreakerRecord(report.name)));
    const now = this.now();
    const { version } = record.state(now);
    const answer = record.apply(report, now);
    if (answer.state.version !== version) for (const listener of this.#listeners) listener.changed(answer.state);
    return answer;
  }
}
