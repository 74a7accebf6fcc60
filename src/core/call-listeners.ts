/** Hears when a call waits for a person, and when it goes on. */
export interface WaitListener {
  /** Deadlines stop, slots are free. */
  pause(): void;
  /** May wait for a slot. A rejection ends the call. */
  resume(): void | Promise<void>;
}

/** Hears when a call ends for its caller. */
export interface EndListener {
  /** @param reason - that of an abort, or the suspension */
  callEnded(reason: unknown): void;
}
