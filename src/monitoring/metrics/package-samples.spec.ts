import { Histogram, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { familyOf, samplesOf, type Family, type PackageValue } from './package-samples.js';

const family = (type: Family['type'], labels: readonly string[]): Family => ({
  type,
  definition: { name: 'team_metric', help: 'One', labels },
});

describe('a metric of prom-client', () => {
  it('has its labels in the order of the definition, those that were left out as empty ones', () => {
    const values = [
      { value: 1, labels: { b: 2, a: 'x' } },
      { value: 3, labels: { b: 'y' } },
    ];
    expect(samplesOf(family('counter', ['a', 'b']), values)).toEqual([
      { name: 'team_metric', type: 'counter', labels: { a: 'x', b: '2' }, value: 1 },
      { name: 'team_metric', type: 'counter', labels: { a: '', b: 'y' }, value: 3 },
    ]);
  });

  it('is one series of a histogram with its buckets, sum and count', async () => {
    const made = new Histogram({
      name: 'team_metric',
      help: 'One',
      labelNames: ['a'],
      buckets: [1, 10],
      registers: [new Registry()],
    });
    for (const size of [0.5, 5, 50]) made.observe({ a: 'x' }, size);
    const { values } = await made.get();
    expect(samplesOf(family('histogram', ['a']), values as readonly PackageValue[])).toEqual([
      {
        name: 'team_metric',
        type: 'histogram',
        labels: { a: 'x' },
        value: 55.5,
        count: 3,
        buckets: new Map([
          [1, 1],
          [10, 2],
        ]),
      },
    ]);
  });

  it('has no word for a summary', () => {
    expect(familyOf({ name: 'one', help: '', type: 'summary' })).toBeUndefined();
  });
});
