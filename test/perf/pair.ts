import { median, pairedRatio } from './statistics.js';

/** One side of a comparison of two. */
export interface Side {
  readonly name: string;
  readonly median: number;
  readonly rounds: readonly number[];
}

/** Two subjects compared by one figure. */
export interface Pair {
  readonly own: Side;
  readonly reference: Side;
  readonly ratio: number;
}

/** Judges the figures of interleaved rounds. */
export function pair(
  names: readonly [own: string, reference: string],
  [own, reference]: readonly [readonly number[], readonly number[]],
): Pair {
  return {
    own: { name: names[0], median: median(own), rounds: own },
    reference: { name: names[1], median: median(reference), rounds: reference },
    ratio: pairedRatio(own, reference),
  };
}
