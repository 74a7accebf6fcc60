import { setImmediate } from 'node:timers/promises';
import type { DuckDBValue } from '@duckdb/node-api';
import { ToolError } from '../../../core/index.js';
import type { DuckDbRun } from '../duckdb/duck-db.js';
import type { Row } from '../rows.js';
import { joinKey } from './join-rows.js';

/** Which rows without a partner stay: none, those of one side, or all. */
export type JoinKind = 'inner' | 'left' | 'right' | 'full';

/** A table, and the columns that it is joined by. */
export interface JoinSide {
  readonly rows: readonly Row[];
  readonly columns: readonly string[];
}

/** Positions of two rows that belong together; undefined on the side where a row has no partner. */
export type JoinPair = readonly [left: number | undefined, right: number | undefined];

/** What is joined, and at how many pairs that ends. */
export interface JoinPlan {
  readonly left: JoinSide;
  readonly right: JoinSide;
  readonly how: JoinKind;
  readonly limit: number;
}

/** The most that a chunk of DuckDB holds. */
const CHUNK_ROWS = 2_048;

/**
 * Finds the pairs of a join by DuckDB, as many at once as it has in a chunk: in the order of the left table, then of the
 * right one, with rows of the right that have no partner last. Of more pairs than `limit`, `limit` of them are given, and
 * which ones is not said.
 *
 * DuckDB is given positions and the text of keys, and no other value: what is the same is decided by `joinKey` alone.
 */
export async function* joinPairs(run: DuckDbRun, { left, right, how, limit }: JoinPlan): AsyncGenerator<JoinPair[]> {
  await run.connection.run('CREATE TEMP TABLE join_keys ("left" BOOLEAN, "row" INTEGER, "key" VARCHAR)');
  await append(run, [left, right]);
  run.check();
  // No stream: one that is left early would keep the engine's memory until it is collected. Pairs are small.
  const result = await run.connection.run(joinSql(how, limit));
  for (;;) {
    run.check();
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) return;
    const [lefts, rights] = [chunk.getColumnVector(0), chunk.getColumnVector(1)];
    yield Array.from({ length: chunk.rowCount }, (_, at) => [
      position(lefts.getItem(at)),
      position(rights.getItem(at)),
    ]);
  }
}

/** The pairs are counted before they are put in order: a limit after that would first look at all that there are. */
function joinSql(how: JoinKind, limit: number): string {
  const side = (condition: string): string => `(SELECT "row", "key" FROM join_keys WHERE ${condition})`;
  const join = `${side('"left"')} l ${how.toUpperCase()} JOIN ${side('NOT "left"')} r ON l."key" = r."key"`;
  const pairs = `SELECT l."row" AS "left", r."row" AS "right" FROM ${join} LIMIT ${limit}`;
  return `SELECT "left", "right" FROM (${pairs}) ORDER BY "left" NULLS LAST, "right"`;
}

async function append(run: DuckDbRun, sides: readonly [left: JoinSide, right: JoinSide]): Promise<void> {
  const { BOOLEAN, INTEGER, VARCHAR, DuckDBDataChunk } = run.api;
  const appender = await run.connection.createAppender('join_keys', 'main', 'temp');
  try {
    for (const [side, { rows, columns }] of sides.entries()) {
      for (let from = 0; from < rows.length; from += CHUNK_ROWS) {
        // Others get their turn between chunks, and an abort is heard.
        if (from > 0) await setImmediate();
        run.check();
        const part = rows.slice(from, from + CHUNK_ROWS);
        const chunk = DuckDBDataChunk.create([BOOLEAN, INTEGER, VARCHAR], part.length);
        chunk.setColumns([
          part.map(() => side === 0),
          part.map((_, at) => from + at),
          part.map((row) => joinKey(row, columns)),
        ]);
        appender.appendDataChunk(chunk);
      }
    }
  } finally {
    appender.closeSync();
  }
}

function position(value: DuckDBValue): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

/** An appender says it without the name of the error. */
const NO_MEMORY = /Out of Memory Error|failed to (?:pin|offload|allocate)|could not allocate/i;

/** What DuckDB refused, for the caller: a join that is too large for `nodes.data.duckdb`. Other errors are given back. */
export function explainJoinError(thrown: unknown): unknown {
  if (!(thrown instanceof Error) || thrown.constructor !== Error || !NO_MEMORY.test(thrown.message)) return thrown;
  const message =
    'The join needs more memory than is allowed (nodes.data.duckdb); join fewer rows, or by shorter values.';
  return new ToolError(message, undefined, { cause: thrown });
}
