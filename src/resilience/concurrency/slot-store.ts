/** What a process says of the slots of one limit: all that it has, not what has changed. */
export interface SlotClaim {
  /** Of the limit, the same in every process. */
  readonly name: string;
  /** Tells limits of one name in one process apart, as there are while one is replaced. */
  readonly part: number;
  /** Slots that there are for all processes together. */
  readonly max: number;
  /** Slots that the process has. They are counted whatever the store knew before, even over `max`. */
  readonly held: number;
  /** Slots that it wants besides. What it does not get of them it waits for, until it wants none. */
  readonly wanted: number;
}

/** What comes of a claim. */
export interface SlotGrant {
  /** Slots that it gets besides those that it has: 0 to `wanted`. */
  readonly granted: number;
  /**
   * How many it may keep for its next calls. `max` while no other process waits; what it has above that it gives back as
   * its calls end, and idle ones at once while it is less than `max`.
   */
  readonly keep: number;
}

/** What a process is told. Messages may be lost: whoever holds slots or waits claims anew in a third of the lease. */
export type SlotNews =
  /** Slots are free that somebody waits for: whoever waits should claim again. */
  | { readonly kind: 'freed'; readonly name: string }
  /** Another process waits, or too many slots are in use: see {@link SlotGrant.keep}. */
  | { readonly kind: 'wanted'; readonly name: string; readonly keep: number }
  /** The store may have lost what it knew, or was not heard for a while: everything should be claimed anew. */
  | { readonly kind: 'back' };

/**
 * The slots that processes share, leased: a claim counts for {@link leaseMs} by the store's own clock, and is forgotten
 * then unless it was made anew. One store is one process.
 *
 * Free slots go to whoever claims them, less one for each other process that waits and has fewer, or as few and waits
 * longer. While somebody waits, nobody keeps more than his share: `max` by the number of processes that have slots or
 * wait, rounded down. While more are claimed than there are, nobody keeps any.
 */
export abstract class SlotStore {
  /** Milliseconds that a claim counts. */
  abstract readonly leaseMs: number;
  /**
   * Claims slots of some limits, each for itself, in one round trip; of none it asks whether the store is there. A later
   * claim replaces an earlier one, also where they arrive in another order. Rejects when the store can't be reached: the
   * claim may count all the same.
   */
  abstract claim(claims: readonly SlotClaim[]): Promise<readonly SlotGrant[]>;
  /** Tells a listener what other processes do; one who must not throw. */
  abstract listen(listener: (news: SlotNews) => void): void;
}
