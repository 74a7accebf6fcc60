import { describe, expect, it } from 'vitest';
import { DataSettings } from '../data.options.js';
import { DuckDb } from '../duckdb/duck-db.js';
import { NodeFiles } from '../../model/node-files.js';
import { FileRoots } from '../../../core/index.js';
import type { NodeContext } from '../../model/node.js';
import type { Row } from '../rows.js';
import { CorrelationNode } from './correlation.node.js';
import { DataCleanerNode } from './data-cleaner.node.js';
import reference from './pandas-reference.json' with { type: 'json' };
import { StatisticsNode } from './statistics.node.js';

const settings = new DataSettings();
const context = { signal: new AbortController().signal } as NodeContext;

/** Every number to nine digits; what pandas calls NaN is null. */
function expectNear(ours: unknown, theirs: unknown, path = '$'): void {
  if (typeof theirs === 'number' && typeof ours === 'number') {
    expect(Math.abs(ours - theirs), path).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(theirs)));
  } else if (typeof theirs === 'object' && theirs !== null) {
    for (const [name, value] of Object.entries(theirs))
      expectNear((ours as Record<string, unknown>)[name], value, `${path}.${name}`);
  } else {
    expect(ours, path).toEqual(theirs);
  }
}

/** The guide's own code, run by pandas 1.5 and SciPy 1.10, made these figures. */
describe.each(reference.cases)('the guide’s pipeline agrees with pandas and SciPy: $name', (expected) => {
  const { cleaned_data: data } = new DataCleanerNode(settings).run({ data: expected.rows });

  it('in the cleaned rows', () => {
    expect(data).toHaveLength(expected.cleaned.length);
    expectNear(data, expected.cleaned);
  });

  it('in statistics and correlations', async () => {
    const files = new NodeFiles(await FileRoots.open({}));
    const duckDb = new DuckDb(settings);
    const { statistics } = await new StatisticsNode(files, duckDb, settings).run({ data: data as Row[] }, context);
    expectNear(statistics, expected.statistics);
    const given = { data: data as Row[], threshold: 0.7 };
    const { correlation_matrix } = await new CorrelationNode(files, duckDb, settings).run(given, context);
    expectNear(correlation_matrix, expected.correlation);
    expect(Object.keys(statistics)).toEqual(Object.keys(expected.statistics as object));
  });
});
