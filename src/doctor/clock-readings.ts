/** How far another clock is from ours. */
export interface ClockReading {
  /** Whose clock: `redis`, `database:store`. */
  readonly source: string;
  /** Milliseconds by which it is ahead of ours; negative when behind. */
  readonly aheadMs: number;
  /** Milliseconds by which the reading may be wrong: half of what it took, and how coarse the clock is told. */
  readonly uncertaintyMs: number;
}

/** Clocks that were met while other checks asked their owners something. */
export class ClockReadings {
  readonly #readings: ClockReading[] = [];

  constructor(private readonly now: () => number = Date.now) {}

  /**
   * Asks for a time and notes how far it is from ours, taken at the middle of the question.
   *
   * @param coarseMs - what the answer is rounded down to: a second in a `Date` header
   */
  async read<T>(
    source: string,
    ask: () => Promise<{ readonly answer: T; readonly time: number | undefined }>,
    coarseMs = 0,
  ): Promise<T> {
    const before = this.now();
    const { answer, time } = await ask();
    const after = this.now();
    if (time === undefined || Number.isNaN(time)) return answer;
    const ours = (before + after) / 2;
    const uncertaintyMs = (after - before) / 2 + coarseMs / 2;
    this.#readings.push({ source, aheadMs: time + coarseMs / 2 - ours, uncertaintyMs });
    return answer;
  }

  all(): readonly ClockReading[] {
    return this.#readings;
  }
}
