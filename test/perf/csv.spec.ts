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

/** Of the file that is streamed. 2 GB: `ROOKERY_CSV_MB=2000 npx vitest run --project measuring test/perf/csv.spec.ts -t MB`. */
const MEGABYTES = Number(process.env['ROOKERY_CSV_MB'] ?? 300);

/** Needs `npm run build`. */
describe('[N1] CSV files that are large', () => {
  it('describes a million rows in 1.3 times the time of DuckDB’s own reader, within 300 MB', async () => {
    const { ratio, nodeRssMb } = await measured('statistics', 1_000_000);
    expect(ratio).toBeLessThan(1.3);
    expect(nodeRssMb).toBeLessThan(300);
  });

  it(
    `reads ${MEGABYTES} MB row by row in memory that does not grow with it`,
    { timeout: Math.max(60_000, MEGABYTES * 200) },
    async () => {
      const figures = await measured('stream', MEGABYTES);
      const { maxRssMb, rssBeforeMb } = figures;
      console.log(JSON.stringify(figures));
      expect(Number(maxRssMb) - Number(rssBeforeMb)).toBeLessThan(150);
    },
  );
});
