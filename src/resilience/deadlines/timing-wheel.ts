/** Something that is due at a time. One object a deadline: it carries the links of the list that it stands in. */
export abstract class WheelEntry {
  /** On the clock of the wheel. */
  at = 0;
  /** The list it stands in; `undefined` while it is in none. For the wheel. */
  slot: number | undefined;
  previous: WheelEntry | undefined;
  next: WheelEntry | undefined;

  /** Called once, at the first tick at or after {@link at}. */
  abstract due(): void;
}

/**
 * Deadlines in a ring of lists, one a tick: adding and removing cost the same however many there are (Varghese and
 * Lauck, 1987). An entry is due at the first tick at or after its time, never before it.
 */
export class TimingWheel {
  readonly #slots: (WheelEntry | undefined)[];
  /** The last tick that has passed. */
  #tick: number;
  #size = 0;

  /**
   * @param now - the time to begin with
   * @param tickMs - how late an entry may be
   * @param slots - ticks of one turn; entries further away are passed over once a turn
   */
  constructor(
    now: number,
    readonly tickMs = 10,
    slots = 1024,
  ) {
    this.#slots = Array.from({ length: slots });
    this.#tick = Math.floor(now / tickMs);
  }

  get size(): number {
    return this.#size;
  }

  /** An entry stands in the wheel once: whoever moves it removes it first. */
  add(entry: WheelEntry, at: number): void {
    entry.at = at;
    const slot = Math.max(Math.ceil(at / this.tickMs), this.#tick + 1) % this.#slots.length;
    const first = this.#slots[slot];
    entry.slot = slot;
    entry.previous = undefined;
    entry.next = first;
    if (first !== undefined) first.previous = entry;
    this.#slots[slot] = entry;
    this.#size++;
  }

  /** Does nothing for an entry that is due already or was removed. */
  remove(entry: WheelEntry): void {
    if (entry.slot === undefined) return;
    if (entry.previous === undefined) this.#slots[entry.slot] = entry.next;
    else entry.previous.next = entry.next;
    if (entry.next !== undefined) entry.next.previous = entry.previous;
    entry.slot = undefined;
    entry.previous = undefined;
    entry.next = undefined;
    this.#size--;
  }

  /** Takes out what is due by now, earliest tick first. */
  advance(now: number): readonly WheelEntry[] {
    const tick = Math.floor(now / this.tickMs);
    const due: WheelEntry[] = [];
    const first = Math.max(this.#tick + 1, tick - this.#slots.length + 1);
    for (let passed = first; passed <= tick && this.#size > 0; passed++) {
      let entry = this.#slots[passed % this.#slots.length];
      while (entry !== undefined) {
        const { next } = entry;
        if (entry.at <= now) {
          this.remove(entry);
          due.push(entry);
        }
        entry = next;
      }
    }
    if (tick > this.#tick) this.#tick = tick;
    return due;
  }
}
