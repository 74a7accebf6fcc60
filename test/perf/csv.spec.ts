import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const program = fileURLToPath(new URL('../../dist-test/test/perf/csv-statistics.js', import.meta.url));

async function measured(what: string, size: number): Promise<Record<string, number>> {
  const { stdout } = await run(process.execPath, [program, what, String(size)]);
  return JSON.parse(stdout) as Record<string, number>;
}

/** Needs `npm run build`. By hand, 2 GB: `node dist-test/test/perf/csv-statistics.js stream 2000`. */
describe('[N1] CSV files that are large', () => {
  it('describes a million rows in 1.3 times the time of DuckDB’s own reader, within 300 MB', async () => {
    const { ratio, nodeRssMb } = await measured('statistics', 1_000_000);
    expect(ratio).toBeLessThan(1.3);
    expect(nodeRssMb).toBeLessThan(300);
  });

  it('reads 300 MB row by row in memory that does not grow with it', async () => {
    const { maxRssMb, rssBeforeMb } = await measured('stream', 300);
    expect(Number(maxRssMb) - Number(rssBeforeMb)).toBeLessThan(150);
  });
});
