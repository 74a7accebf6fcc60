import type { Load } from './load.js';
import { measure, type Measurement } from './measure.js';
import { interleave, type Progress } from './rounds.js';
import { median, pairedRatio } from './statistics.js';
import type { Subject } from './subject.js';

/** One figure of one server over all rounds. */
export interface Figure {
  readonly median: number;
  /** To the same figure of the plain server; absent when that was not measured. */
  readonly ratioToPlain?: number;
  readonly rounds: readonly number[];
}

/** One server's figures. */
export interface Row {
  readonly name: string;
  readonly figures: Readonly<Record<keyof Measurement, Figure>>;
}

/** Measures the subjects in interleaved rounds; the one named `plain` is what the others are compared with. */
export async function compare(
  subjects: readonly Subject[],
  rounds: number,
  load: Load,
  progress: Progress<Subject>,
): Promise<readonly Row[]> {
  const taken = await interleave(subjects, rounds, (subject) => measure(subject, load), progress);
  const plain = taken[subjects.findIndex(({ name }) => name === 'plain')];
  return subjects.map(({ name }, index) => {
    const own = taken[index] ?? [];
    const figure = (key: keyof Measurement): Figure => figureOf(valuesOf(own, key), plain && valuesOf(plain, key));
    return {
      name,
      figures: {
        requestsPerSecond: figure('requestsPerSecond'),
        p50: figure('p50'),
        p99: figure('p99'),
        cpuPerRequest: figure('cpuPerRequest'),
        rssBytes: figure('rssBytes'),
      },
    };
  });
}

function valuesOf(measurements: readonly Measurement[], key: keyof Measurement): readonly number[] {
  return measurements.map((measurement) => measurement[key]);
}

function figureOf(rounds: readonly number[], plain: readonly number[] | undefined): Figure {
  const figure = { median: median(rounds), rounds };
  return plain ? { ...figure, ratioToPlain: pairedRatio(rounds, plain) } : figure;
}
