import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const SCRIPT = join(import.meta.dirname, '../../scripts/metrics-reference.mjs');

const run = (cwd: string, argument: string) =>
  spawnSync(process.execPath, [SCRIPT, argument], { cwd, encoding: 'utf8' });

it('[O1] the page on metrics has every metric as the code defines it', () => {
  const { stderr, status } = run(join(import.meta.dirname, '../..'), '--check');
  expect(stderr).toContain('is up to date');
  expect(status).toBe(0);
});

it.each([
  ['a definition from elsewhere', 'to.counter(DEFINITION)', 'the metric is no object literal'],
  ['a name made of pieces', 'to.gauge({ name: `rookery_${what}`, help: "" })', 'its name is no literal text'],
  ['a way of its own', 'define("rookery_hidden_total")', 'no definition of rookery_hidden_total was found'],
  ['another registry', 'new Gauge({ name: `rookery_${what}_total` })', 'no definition of rookery_… was found'],
])('[O1] a metric that cannot be read is an error, not missing: %s', (_what, source, fault) => {
  const home = mkdtempSync(join(tmpdir(), 'rookery-metrics-'));
  try {
    mkdirSync(join(home, 'src/part'), { recursive: true });
    writeFileSync(join(home, 'src/part/one.ts'), `'first';\n${source};\n`);
    const { stderr, status } = run(home, '--json');
    expect(stderr).toContain(`src/part/one.ts:2: ${fault}`);
    expect(status).toBe(1);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
});
