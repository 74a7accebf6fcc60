import type { AlertStage } from './alert-state.js';

/** What is to be said of an alert now. */
export type Telling = 'firing' | 'resolved' | undefined;

/**
 * What the actions of one alert know: each end of it is said once, and that it still fires only every `repeatMs`. While
 * it is silenced nothing is said; what still holds when the silence ends is said then.
 */
export class Told {
  #firingAt: number | undefined;

  /** @param repeatMs - milliseconds; without it, it is not repeated */
  constructor(private readonly repeatMs: number | undefined) {}

  /** Whether it was said to fire, and not yet to have ended. */
  get firing(): boolean {
    return this.#firingAt !== undefined;
  }

  /** What is to be said at a time, which counts as said then. */
  next(at: number, stage: AlertStage, silenced: boolean): Telling {
    if (silenced) return undefined;
    if (stage !== 'firing') {
      if (this.#firingAt === undefined) return undefined;
      this.#firingAt = undefined;
      return 'resolved';
    }
    const due = this.#firingAt === undefined || (this.repeatMs !== undefined && at - this.#firingAt >= this.repeatMs);
    if (!due) return undefined;
    this.#firingAt = at;
    return 'firing';
  }
}
