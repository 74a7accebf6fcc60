/** Lets one after the other have what only one can have, in the order in which they came. */
export class Turn {
  #taken = false;
  readonly #waiting: (() => void)[] = [];

  /**
   * Waits for it, and returns how to give it back.
   *
   * @throws Error after `withinMs`.
   */
  take(withinMs: number): Promise<() => void> {
    if (!this.#taken) {
      this.#taken = true;
      return Promise.resolve(() => this.#pass());
    }
    return new Promise((resolve, reject) => {
      const waiting = (): void => {
        clearTimeout(timer);
        resolve(() => this.#pass());
      };
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(new Error(`The database was busy for ${withinMs} ms: a transaction of this process does not end.`));
      }, withinMs);
      this.#waiting.push(waiting);
    });
  }

  #pass(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken = false;
    else next();
  }
}
