/** Who uses the slots of a supply: a limit and those who wait before it. */
export interface SlotUser {
  /** Slots in use. */
  readonly running: number;
  /** Those who wait. */
  readonly queued: number;
  /** The number of the last one that began to wait; they count up. */
  readonly arrivals: number;
  /** Lets those who wait in, as far as there are slots. */
  admit(): void;
  /** Refuses those up to number `arrival` that the queue has no place for: the supply has nothing for them. */
  bound(arrival: number): void;
}

/** Where the slots of a limit come from. Must not throw. */
export interface SlotSupply {
  /** Whether there is one more slot, now; the user counts it. For every call: quick, and without a promise. */
  take(running: number): boolean;
  /** The user has one less in use, which are these. */
  left(running: number): void;
  /** Others wait than before. */
  demandChanged(): void;
  /** Slots that may still come of what was asked, or will be; so many may wait beyond the queue until that is known. */
  expected(): number;
}

/** As many slots as there are, always: those of one process by itself. */
export class FixedSlots implements SlotSupply {
  constructor(private readonly max: number) {}

  take(running: number): boolean {
    return running < this.max;
  }

  left(): void {
    // They stay where they are.
  }

  demandChanged(): void {
    // There are no more to be had.
  }

  expected(): number {
    return 0;
  }
}
