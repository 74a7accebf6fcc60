import { WheelEntry } from '../deadlines/timing-wheel.js';
import type { DeadlineWheel } from '../deadlines/deadline-wheel.js';

/** How many may run at once, and how many may wait for how long. */
export interface ConcurrencySettings {
  readonly max: number;
  readonly maxQueue: number;
  readonly maxWaitMs: number;
}

/** One that waits for a slot. */
export interface Waiting {
  /** Whether it has a slot now: not when its time has passed. Rejects when it was cancelled. */
  readonly entered: Promise<boolean>;
  /** Leaves the queue. Too late for one that has been given a slot: whoever waits gets it, and gives it back. */
  cancel(reason: unknown): void;
}

/** So many slots, and a short queue before them: first come, first served. */
export class ConcurrencyLimit {
  #running = 0;
  /** In the order of their coming: a set deletes from its middle. */
  readonly #queue = new Set<Waiter>();
  /** Those who had a slot and gave it up for a while: they go first, however many wait. */
  readonly #returning = new Set<Waiter>();

  constructor(
    readonly settings: ConcurrencySettings,
    private readonly wheel: DeadlineWheel,
  ) {}

  /** Slots that are taken. */
  get running(): number {
    return this.#running;
  }

  /** Those who wait. */
  get queued(): number {
    return this.#queue.size + this.#returning.size;
  }

  /** Takes a slot if one is free; each taken one is given back by {@link leave}. */
  tryEnter(): boolean {
    if (this.#running >= this.settings.max || this.queued > 0) return false;
    this.#running++;
    return true;
  }

  /** Waits in line; `undefined` when the queue is full. */
  wait(): Waiting | undefined {
    const { maxQueue, maxWaitMs } = this.settings;
    if (maxWaitMs === 0 || this.#queue.size >= maxQueue) return undefined;
    const waiter = new Waiter(this.wheel, this.#queue);
    this.wheel.addIn(waiter, maxWaitMs);
    return waiter;
  }

  /** Waits for a slot in place of one that was given up: before everybody else, and as long as it takes. */
  waitFirst(): Waiting {
    return new Waiter(this.wheel, this.#returning);
  }

  /** Gives a slot back, to the next in line if there is one. */
  leave(): void {
    const next = first(this.#returning) ?? first(this.#queue);
    if (next === undefined) this.#running--;
    else next.enter();
  }
}

function first(queue: ReadonlySet<Waiter>): Waiter | undefined {
  for (const waiter of queue) return waiter;
  return undefined;
}

class Waiter extends WheelEntry implements Waiting {
  readonly entered: Promise<boolean>;
  #settle: ((entered: boolean) => void) | undefined;
  #reject: ((reason: unknown) => void) | undefined;

  constructor(
    private readonly wheel: DeadlineWheel,
    private readonly queue: Set<Waiter>,
  ) {
    super();
    this.entered = new Promise((resolve, reject) => {
      this.#settle = resolve;
      this.#reject = reject;
    });
    queue.add(this);
  }

  enter(): void {
    this.#leaveQueue();
    this.#settle?.(true);
  }

  override due(): void {
    this.#leaveQueue();
    this.#settle?.(false);
  }

  cancel(reason: unknown): void {
    this.#leaveQueue();
    this.#reject?.(reason);
  }

  #leaveQueue(): void {
    this.queue.delete(this);
    this.wheel.remove(this);
  }
}
