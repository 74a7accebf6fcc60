import { interleave } from './rounds.js';
import { pairedRatio } from './statistics.js';
import type { Subject } from './subject.js';

/** Rounds that are driven before the ratio is looked at, and again as often as it is over the limit. */
const batch = 3;
const mostRounds = 12;

/**
 * The ratio of what two subjects cost, such as the CPU that they spend on a request, for a machine that does other things meanwhile.
 *
 * It is the median of the rounds' own ratios. Best rounds would not do: a client that is kept waiting sends its
 * requests in bunches, which are cheaper to answer, so noise makes single rounds too good as well as too bad.
 * A ratio over `limit` is not believed before `mostRounds`: a server that is too slow is so in most of them.
 */
export async function settledRatio(
  own: Subject,
  reference: Subject,
  limit: number,
  cost: (subject: Subject) => Promise<number>,
): Promise<number> {
  const figures: number[] = [];
  const references: number[] = [];
  do {
    const [more, moreReferences] = await interleave([own, reference], batch, cost);
    figures.push(...more);
    references.push(...moreReferences);
  } while (pairedRatio(figures, references) > limit && figures.length < mostRounds);
  return pairedRatio(figures, references);
}
