import { LinkedList, type Linked, type Links } from '../../core/index.js';
import { WheelEntry } from '../deadlines/timing-wheel.js';
import type { DeadlineWheel } from '../deadlines/deadline-wheel.js';
import { FixedSlots, type SlotSupply, type SlotUser } from './slot-supply.js';

/** How many may run at once, and how many may wait for how long. */
export interface ConcurrencySettings {
  readonly max: number;
  readonly maxQueue: number;
  readonly maxWaitMs: number;
}

/** One that waits for a slot. */
export interface Waiting {
  /** Whether it has a slot now: not when it was refused. Rejects when it was cancelled. */
  readonly entered: Promise<boolean>;
  /** Whether it was refused as the queue has no place for it; its time has passed otherwise. */
  readonly crowdedOut: boolean;
  /** Leaves the queue. Too late for one that has been given a slot: whoever waits gets it, and gives it back. */
  cancel(reason: unknown): void;
}

/** So many slots, and a short queue before them: first come, first served. */
export class ConcurrencyLimit implements SlotUser {
  #running = 0;
  #arrivals = 0;
  readonly #queue = new LinkedList<Waiter>();
  /** Those who had a slot and gave it up for a while: they go first, however many wait. */
  readonly #returning = new LinkedList<Waiter>();
  readonly #supply: SlotSupply;

  /** @param supply - makes where the slots come from; all are there without */
  constructor(
    readonly settings: ConcurrencySettings,
    private readonly wheel: DeadlineWheel,
    supply: (user: SlotUser) => SlotSupply = () => new FixedSlots(settings.max),
  ) {
    this.#supply = supply(this);
  }

  /** Slots that are taken. */
  get running(): number {
    return this.#running;
  }

  /** Those who wait. */
  get queued(): number {
    return this.#queue.size + this.#returning.size;
  }

  get arrivals(): number {
    return this.#arrivals;
  }

  /** Takes a slot if one is free; each taken one is given back by {@link leave}. */
  tryEnter(): boolean {
    if (this.queued > 0 || !this.#supply.take(this.#running)) return false;
    this.#running++;
    return true;
  }

  /** Waits in line; `undefined` when the queue is full. */
  wait(): Waiting | undefined {
    const { maxWaitMs } = this.settings;
    if (this.#queue.size >= this.#places + this.#supply.expected()) return undefined;
    const waiter = this.#wait(this.#queue);
    if (maxWaitMs > 0) this.wheel.addIn(waiter, maxWaitMs);
    return waiter;
  }

  /** Waits for a slot in place of one that was given up: before everybody else, and as long as it takes. */
  waitFirst(): Waiting {
    return this.#wait(this.#returning);
  }

  /** Gives a slot back, to the next in line if there is one. */
  leave(): void {
    this.#supply.left(--this.#running);
    this.admit();
  }

  admit(): void {
    while (this.queued > 0 && this.#supply.take(this.#running)) {
      this.#running++;
      (this.#returning.first ?? this.#queue.first)?.enter();
    }
  }

  bound(arrival: number): void {
    let place = 0;
    for (const waiter of this.#queue) {
      if (++place > this.#places && waiter.arrival <= arrival) waiter.crowdOut();
    }
  }

  /** Of the queue; where nobody may wait for a time there is none. */
  get #places(): number {
    return this.settings.maxWaitMs === 0 ? 0 : this.settings.maxQueue;
  }

  #wait(queue: LinkedList<Waiter>): Waiter {
    const waiter = new Waiter(this.wheel, queue, ++this.#arrivals, this.#supply);
    this.#supply.demandChanged();
    return waiter;
  }
}

class Waiter extends WheelEntry implements Waiting, Linked<Waiter> {
  links: Links<Waiter> | undefined;
  readonly entered: Promise<boolean>;
  crowdedOut = false;
  #settle: ((entered: boolean) => void) | undefined;
  #reject: ((reason: unknown) => void) | undefined;

  constructor(
    private readonly wheel: DeadlineWheel,
    private readonly queue: LinkedList<Waiter>,
    readonly arrival: number,
    private readonly supply: SlotSupply,
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

  crowdOut(): void {
    this.crowdedOut = true;
    this.due();
  }

  override due(): void {
    this.#leaveQueue();
    this.#settle?.(false);
    this.supply.demandChanged();
  }

  cancel(reason: unknown): void {
    this.#leaveQueue();
    this.#reject?.(reason);
    this.supply.demandChanged();
  }

  #leaveQueue(): void {
    this.queue.remove(this);
    this.wheel.remove(this);
  }
}
