/** The values of each subject, one a round, in the order of the subjects. */
export type Rounds<S extends readonly unknown[], T> = { readonly [Index in keyof S]: readonly T[] };

/** Told before each take. */
export type Progress<S> = (subject: S, round: number) => void;

/**
 * Takes every subject once a round, one after another, every second round in reverse order:
 * what changes on the machine meanwhile hits all subjects alike.
 */
export async function interleave<const S extends readonly unknown[], T>(
  subjects: S,
  rounds: number,
  take: (subject: S[number]) => Promise<T>,
  progress: Progress<S[number]> = () => {},
): Promise<Rounds<S, T>> {
  const series = subjects.map((subject) => ({ subject, values: [] as T[] }));
  for (let round = 1; round <= rounds; round += 1) {
    for (const { subject, values } of round % 2 === 0 ? series.toReversed() : series) {
      progress(subject, round);
      values.push(await take(subject));
    }
  }
  return series.map(({ values }) => values) as Rounds<S, T>;
}
