import type { Finding } from './condition/evaluate.js';

/** `resolved` is `inactive` that has fired before. */
export type AlertStage = 'inactive' | 'pending' | 'firing' | 'resolved';

/** What an alert waits for, in milliseconds. */
export interface AlertPatience {
  /** The condition must have held for this long. */
  readonly forMs: number;
  /** It must not have held for this long before it is over. */
  readonly keepFiringForMs: number;
}

/** One alert through time. Times are those it is given: milliseconds, ascending. */
export class AlertState {
  #stage: AlertStage = 'inactive';
  #since: number | undefined;
  #activeSince: number | undefined;
  #quietSince: number | undefined;
  #value: number | undefined;

  constructor(private readonly patience: AlertPatience) {}

  get stage(): AlertStage {
    return this.#stage;
  }

  /** Since when it is in its stage; `undefined` before it was in another. */
  get since(): number | undefined {
    return this.#since;
  }

  /** What the condition last compared. */
  get value(): number | undefined {
    return this.#value;
  }

  /** What was found at a time. The stages are those of Prometheus: `for` and `keep_firing_for` mean the same. */
  step(at: number, { met, value }: Finding): void {
    this.#value = value;
    if (met) this.#held(at);
    else this.#ceased(at);
  }

  #held(at: number): void {
    this.#quietSince = undefined;
    if (this.#stage === 'firing') return;
    this.#activeSince ??= at;
    this.#enter(at - this.#activeSince >= this.patience.forMs ? 'firing' : 'pending', at);
  }

  #ceased(at: number): void {
    if (this.#stage === 'firing') {
      this.#quietSince ??= at;
      if (at - this.#quietSince < this.patience.keepFiringForMs) return;
      this.#enter('resolved', at);
    } else if (this.#stage === 'pending') this.#enter('inactive', at);
    this.#activeSince = undefined;
    this.#quietSince = undefined;
  }

  #enter(stage: AlertStage, at: number): void {
    if (this.#stage !== stage) this.#since = at;
    this.#stage = stage;
  }
}
