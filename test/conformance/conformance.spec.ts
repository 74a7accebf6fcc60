import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { install } from '../perf/install.js';
import { runSet } from './run-set.js';
import { scenarioSets } from './scenario-set.js';

/** What `npm run conformance` runs, against the fixture server that was built to `dist-test`. */
describe('the official conformance suite', { timeout: 300_000 }, () => {
  const output = mkdtempSync(join(tmpdir(), 'rookery-conformance-'));
  afterAll(() => rmSync(output, { recursive: true }));
  beforeAll(async () => {
    for (const folder of new Set(scenarioSets.map((set) => set.folder))) await install(folder);
  }, 300_000);

  it.each(scenarioSets.map((set) => [set.name, set] as const))('passes every scenario of %s', async (_name, set) => {
    const { scored, unscored, faults } = await runSet(set, output);
    expect(faults).toEqual([]);
    expect([scored.green, unscored.green]).toEqual([set.scored, set.unscored]);
  });
});
