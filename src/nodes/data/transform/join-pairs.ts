import type { DuckDBValue } from '@duckdb/node-api';
import type { DuckDbRun } from '../duckdb/duck-db.js';
import { chunksOf, fillTable, positionColumn, type TablePart } from '../duckdb/temporary-table.js';
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

/**
 * Finds the pairs of a join by DuckDB, as many at once as it has in a chunk: in the order of the left table, then of the
 * right one, with rows of the right that have no partner last. Of more pairs than `limit`, `limit` of them are given, and
 * which ones is not said.
 *
 * DuckDB is given positions and the text of keys, and no other value: what is the same is decided by `joinKey` alone.
 */
export async function* joinPairs(run: DuckDbRun, { left, right, how, limit }: JoinPlan): AsyncGenerator<JoinPair[]> {
  await fillTable(run, 'join_keys', [keysOf(left, true), keysOf(right, false)]);
  for await (const rows of chunksOf(run, joinSql(how, limit))) {
    yield rows.map(([one, other]): JoinPair => [position(one), position(other)]);
  }
}

/** The pairs are counted before they are put in order: a limit after that would first look at all that there are. */
function joinSql(how: JoinKind, limit: number): string {
  const side = (condition: string): string => `(SELECT "row", "key" FROM join_keys WHERE ${condition})`;
  const join = `${side('"left"')} l ${how.toUpperCase()} JOIN ${side('NOT "left"')} r ON l."key" = r."key"`;
  const pairs = `SELECT l."row" AS "left", r."row" AS "right" FROM ${join} LIMIT ${limit}`;
  return `SELECT "left", "right" FROM (${pairs}) ORDER BY "left" NULLS LAST, "right"`;
}

function keysOf({ rows, columns }: JoinSide, isLeft: boolean): TablePart {
  const key = (row: Row): string | null => joinKey(row, columns);
  return {
    rows,
    columns: [
      { name: 'left', type: 'BOOLEAN', of: () => isLeft },
      positionColumn,
      { name: 'key', type: 'VARCHAR', of: key },
    ],
  };
}

function position(value: DuckDBValue | undefined): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
