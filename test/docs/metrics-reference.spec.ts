import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const repository = join(import.meta.dirname, '../..');

it('[O1] the page on metrics has every metric as the code defines it', () => {
  const run = spawnSync(process.execPath, ['scripts/metrics-reference.mjs', '--check'], {
    cwd: repository,
    encoding: 'utf8',
  });
  expect(run.stderr).toContain('is up to date');
  expect(run.status).toBe(0);
});
