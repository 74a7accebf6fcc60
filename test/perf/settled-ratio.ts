import { interleave } from './rounds.js';
import { pairedRatio } from './statistics.js';
import type { Subject } from './subject.js';

/** Rounds that are driven before a ratio is looked at, and again as often as one is over its limit. */
const batch = 3;
const mostRounds = 12;

/** A subject, and what it may cost to the reference. */
export interface Limited {
  readonly subject: Subject;
  readonly limit: number;
}

/**
 * The ratio of what two subjects cost, such as the CPU that they spend on a request, for a machine that does other things meanwhile.
 *
 * It is the median of the rounds' own ratios. Best rounds would not do: a client that is kept waiting sends its
 * requests in bunches, which are cheaper to answer, so noise makes single rounds too good as well as too bad.
 * A ratio over `limit` is not believed before `mostRounds`: a server that is too slow is so in most of them.
 */
export async function settledRatio(
  subject: Subject,
  reference: Subject,
  limit: number,
  cost: (subject: Subject) => Promise<number>,
): Promise<number> {
  const [ratio] = await settledRatios([{ subject, limit }], reference, cost);
  return ratio as number;
}

/** The same for several subjects that share rounds and reference. */
export async function settledRatios(
  limited: readonly Limited[],
  reference: Subject,
  cost: (subject: Subject) => Promise<number>,
): Promise<readonly number[]> {
  const subjects = [reference, ...limited.map(({ subject }) => subject)];
  const figures = subjects.map((): number[] => []);
  const ratios = (): readonly number[] =>
    limited.map((_, index) => pairedRatio(figures[index + 1] ?? [], figures[0] ?? []));
  do {
    const taken = await interleave(subjects, batch, cost);
    for (const [index, values] of taken.entries()) figures[index]?.push(...values);
  } while (
    ratios().some((ratio, index) => ratio > (limited[index]?.limit ?? 0)) &&
    (figures[0]?.length ?? 0) < mostRounds
  );
  return ratios();
}
