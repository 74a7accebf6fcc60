/** Why nothing is said of an alert for a while. */
export interface Silence {
  /** Milliseconds since the epoch. */
  readonly until: number;
  readonly reason: string;
  /** Who wanted it: the id of a principal. */
  readonly by: string;
}

/** The silences of this process, one an alert. They are in memory: a restart, and another process, knows nothing of them. */
export class Silences {
  readonly #silences = new Map<string, Silence>();

  /** Puts a silence in the place of the one there was. */
  set(alert: string, silence: Silence): void {
    this.#silences.set(alert, silence);
  }

  /** @returns whether there was one */
  remove(alert: string, now: number): boolean {
    const there = this.of(alert, now) !== undefined;
    this.#silences.delete(alert);
    return there;
  }

  /** The silence that holds at a time, in milliseconds since the epoch. */
  of(alert: string, now: number): Silence | undefined {
    const silence = this.#silences.get(alert);
    return silence !== undefined && silence.until > now ? silence : undefined;
  }
}
