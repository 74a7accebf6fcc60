/** Chance that can be had again: what is drawn depends on the seed alone (mulberry32). */
export class Chance {
  #state: number;

  constructor(readonly seed: number) {
    this.#state = seed;
  }

  /** A new seed, or that of `CHAOS_SEED`; printed, so that a run can be repeated. */
  static ofThisRun(what: string): Chance {
    const given = process.env['CHAOS_SEED'];
    const seed = given === undefined ? Math.trunc(Math.random() * 2 ** 31) : Number(given);
    process.stdout.write(`${what}: CHAOS_SEED=${seed}\n`);
    return new Chance(seed);
  }

  /** From 0 to 1, without 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** A whole number below the bound. */
  below(bound: number): number {
    return Math.floor(this.next() * bound);
  }
}
