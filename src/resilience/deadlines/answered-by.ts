import type { DeadlineWheel } from './deadline-wheel.js';
import { WheelEntry } from './timing-wheel.js';

/** Settles as `answer` does, or rejects with `late()` when that takes longer than `ms`: `answeredWithin` without timers. */
export function answeredBy<T>(wheel: DeadlineWheel, answer: Promise<T>, ms: number, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const limit = new AnswerLimit(wheel, ms / 2, () => reject(late()));
    const stopped =
      <V>(settle: (value: V) => void) =>
      (value: V): void => {
        wheel.remove(limit);
        settle(value);
      };
    // Not `finally`, which makes three promises more.
    answer.then(stopped(resolve), stopped(reject));
  });
}

/** Two halves of a time, so that a process that stood still in the first can hear in the second what came meanwhile. */
class AnswerLimit extends WheelEntry {
  #secondHalf = false;

  constructor(
    private readonly wheel: DeadlineWheel,
    private readonly halfMs: number,
    private readonly pass: () => void,
  ) {
    super();
    wheel.addIn(this, halfMs);
  }

  override due(): void {
    if (this.#secondHalf) return this.pass();
    this.#secondHalf = true;
    this.wheel.addIn(this, this.halfMs);
  }
}
