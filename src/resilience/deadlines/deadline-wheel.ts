import { TimingWheel, type WheelEntry } from './timing-wheel.js';

/** A timer that can be started again; it does not keep the process alive. */
export interface Alarm {
  refresh(): unknown;
}

/** What the wheel needs of the world. */
export interface DeadlineWheelOptions {
  /** Milliseconds, never going back. @default performance.now */
  readonly now?: () => number;
  /** Starts a timer. @default an unref'd `setTimeout` */
  readonly alarm?: (ring: () => void, delayMs: number) => Alarm;
  /** Told of what an entry throws; the others are due all the same. */
  readonly onError?: (error: unknown) => void;
}

/** A timing wheel on one timer that ticks while there is something to wait for: setting a deadline costs no timer. */
export class DeadlineWheel {
  readonly now: () => number;
  readonly #wheel: TimingWheel;
  readonly #startAlarm: (ring: () => void, delayMs: number) => Alarm;
  readonly #onError: (error: unknown) => void;
  #alarm: Alarm | undefined;
  #ticking = false;

  constructor({
    now = () => performance.now(),
    alarm = (ring, delayMs) => setTimeout(ring, delayMs).unref(),
    onError = (error) => {
      throw error;
    },
  }: DeadlineWheelOptions = {}) {
    this.now = now;
    this.#wheel = new TimingWheel(now());
    this.#startAlarm = alarm;
    this.#onError = onError;
  }

  /** Deadlines that stand. */
  get size(): number {
    return this.#wheel.size;
  }

  /** Sets a deadline on the clock of {@link now}. */
  add(entry: WheelEntry, at: number): void {
    // A wheel that stood still has to catch up first, or entries would seem to be due in ticks long past.
    if (this.#wheel.size === 0) this.#wheel.advance(this.now());
    this.#wheel.add(entry, at);
    if (!this.#ticking) this.#wind();
  }

  /** Sets a deadline so many milliseconds from now. */
  addIn(entry: WheelEntry, delayMs: number): void {
    this.add(entry, this.now() + delayMs);
  }

  /** Does nothing for one that has passed or was removed. */
  remove(entry: WheelEntry): void {
    this.#wheel.remove(entry);
  }

  /** Tells everybody whose deadline has passed. For the timer, and for tests with a clock of their own. */
  tick(): void {
    this.#ticking = false;
    for (const entry of this.#wheel.advance(this.now())) {
      try {
        entry.due();
      } catch (error) {
        this.#onError(error);
      }
    }
    if (this.#wheel.size > 0 && !this.#ticking) this.#wind();
  }

  #wind(): void {
    this.#ticking = true;
    if (this.#alarm === undefined) this.#alarm = this.#startAlarm(() => this.tick(), this.#wheel.tickMs);
    else this.#alarm.refresh();
  }
}
