import type { Row } from './comparison.js';
import type { Measurement } from './measure.js';
import type { FeatureCost } from './policy-costs.js';

const columns: readonly { key: keyof Measurement; title: string; show: (value: number) => string }[] = [
  { key: 'requestsPerSecond', title: 'requests/s', show: (value) => value.toFixed(0) },
  { key: 'p50', title: 'p50 ms', show: (value) => value.toFixed(2) },
  { key: 'p99', title: 'p99 ms', show: (value) => value.toFixed(2) },
  { key: 'cpuPerRequest', title: 'CPU µs/request', show: (value) => value.toFixed(1) },
  { key: 'rssBytes', title: 'RSS MB', show: (value) => (value / 2 ** 20).toFixed(0) },
];

/** The comparison for people: every figure, and beside it the ratio to the plain server's. */
export function table(rows: readonly Row[]): string {
  const lines = [
    ['', ...columns.flatMap(({ title }) => [title, '×'])],
    ...rows.map(({ name, figures }) => [
      name,
      ...columns.flatMap(({ key, show }) => {
        const { median, ratioToPlain } = figures[key];
        return [show(median), ratioToPlain?.toFixed(2) ?? '–'];
      }),
    ]),
  ];
  return aligned(lines);
}

/** What each feature adds, in the order in which they were switched on. */
export function featureTable(costs: readonly FeatureCost[]): string {
  return aligned([
    ['', 'CPU µs/request', 'added', '×'],
    ...costs.map(({ name, median, added, ratioToPlain }) => [
      name,
      median.toFixed(1),
      added?.toFixed(1) ?? '–',
      ratioToPlain.toFixed(2),
    ]),
  ]);
}

function aligned(lines: readonly (readonly string[])[]): string {
  const width = (column: number): number => Math.max(...lines.map((line) => line[column]?.length ?? 0));
  return lines
    .map((line) => line.map((cell, i) => (i === 0 ? cell.padEnd(width(i)) : cell.padStart(width(i)))).join('  '))
    .join('\n');
}
