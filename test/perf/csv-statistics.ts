import { execFileSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { FileRoots } from '../../src/core/index.js';
import { CSVReaderNode } from '../../src/nodes/data/csv/csv-reader.node.js';
import { DataSettings, dataOptions } from '../../src/nodes/data/data.options.js';
import { DuckDb } from '../../src/nodes/data/duckdb/duck-db.js';
import { StatisticsNode } from '../../src/nodes/data/statistics/statistics.node.js';
import { NodeFiles } from '../../src/nodes/model/node-files.js';
import type { NodeContext } from '../../src/nodes/model/node.js';

/**
 * Measures the nodes that read CSV, in a process of its own, and prints one line of JSON.
 *
 * `node dist-test/test/perf/csv-statistics.js statistics 1000000` or `… stream 2000` (MB).
 */
const [what = 'statistics', size = '1000000', target] = process.argv.slice(2);
const context = { signal: new AbortController().signal } as NodeContext;

if (what === 'write' && target !== undefined) {
  await writeTable(target, Number(size));
  process.exit();
}
const folder = await mkdtemp(join(tmpdir(), 'rookery-perf-'));
try {
  const rows = what === 'statistics' ? Number(size) : Math.floor((Number(size) * 1_000_000) / 77);
  const path = join(folder, 'table.csv');
  // Elsewhere, so that the memory that it takes is not counted.
  execFileSync(process.execPath, [fileURLToPath(import.meta.url), 'write', String(rows), path]);
  const files = new NodeFiles(await FileRoots.open({ data: { path: folder } }));
  const settings = new DataSettings(dataOptions.parse({}), [folder]);
  const figures = what === 'statistics' ? await statistics(files, settings, path) : await stream(files, settings, rows);
  console.log(JSON.stringify({ ...figures, rows, maxRssMb: Math.round(process.resourceUsage().maxRSS / 1_024) }));
} finally {
  await rm(folder, { recursive: true });
}

/** The node and DuckDB's own reader by turns, the first round not counted. */
async function statistics(files: NodeFiles, settings: DataSettings, path: string): Promise<object> {
  const duckDb = new DuckDb(settings);
  const node = new StatisticsNode(files, duckDb, settings);
  const ours: number[] = [];
  await node.run({ file_path: 'data/table.csv' }, context);
  const rssMb = Math.round(process.resourceUsage().maxRSS / 1_024);
  const functions = ['count', 'avg', 'median', 'stddev_samp', 'min', 'max', 'skewness', 'kurtosis_pop'];
  const columns = ['a', 'b', 'c', 'd', 'e', 'f'];
  const parts = columns.flatMap((column) => functions.map((name) => `${name}(${column})`));
  const theirs: number[] = [];
  for (let round = 0; round < 4; round++) {
    ours.push(await timed(() => node.run({ file_path: 'data/table.csv' }, context)));
    theirs.push(
      await timed(() =>
        duckDb.run(context.signal, ({ connection }) =>
          connection.runAndReadAll(`SELECT ${parts.join(', ')} FROM read_csv('${path}')`),
        ),
      ),
    );
  }
  await duckDb.onApplicationShutdown();
  const [node_ms, duckdb_ms] = [Math.min(...ours), Math.min(...theirs)];
  return {
    what: 'statistics',
    nodeMs: Math.round(node_ms),
    duckdbMs: Math.round(duckdb_ms),
    ratio: node_ms / duckdb_ms,
    nodeRssMb: rssMb,
  };
}

/** All of a file row by row, of which the last ten are given. */
async function stream(files: NodeFiles, settings: DataSettings, rows: number): Promise<object> {
  const node = new CSVReaderNode(files, settings);
  const given = {
    file_path: 'data/table.csv',
    delimiter: ',',
    encoding: 'utf-8',
    include_headers: true,
    skip_empty_rows: true,
    data_types_inference: true,
    quote_char: '"',
    null_values: [],
    skip_rows: rows - 10,
    on_error: 'error' as const,
  };
  const before = process.memoryUsage().rss;
  let read = 0;
  const ms = await timed(async () => (read = (await node.run(given, context)).rows));
  if (read !== 10) throw new Error(`${read} rows were read where 10 are`);
  return { what: 'stream', ms: Math.round(ms), rssBeforeMb: Math.round(before / 1_048_576) };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

/** Eight columns: six of numbers, a text and a date; 77 bytes a row. */
async function writeTable(path: string, rows: number): Promise<void> {
  const out = createWriteStream(path);
  out.write('a,b,c,d,e,f,name,day\n');
  let seed = 1;
  const next = (): number => (seed = (seed * 48_271) % 2_147_483_647);
  for (let row = 0; row < rows; row += 5_000) {
    let text = '';
    for (let at = row; at < Math.min(rows, row + 5_000); at++) {
      text += `${at},${next() % 1_000},${next() / 1_000},${(next() / 1e6).toFixed(6)},${next()},${(next() / 1e3).toFixed(2)},name-${next() % 10_000},2026-01-0${(at % 9) + 1}\n`;
    }
    if (!out.write(text)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'close');
}
