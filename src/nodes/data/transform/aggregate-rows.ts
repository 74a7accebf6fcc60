import type { DuckDBValue } from '@duckdb/node-api';
import { ToolError } from '../../../core/index.js';
import type { DuckDbRun } from '../duckdb/duck-db.js';
import { chunksOf, fillTable, positionColumn, turns, type TableColumn } from '../duckdb/temporary-table.js';
import { valueOf, type Row } from '../rows.js';
import { momentsOf } from '../statistics/moments.js';
import { extreme, resultName, type Aggregation } from './aggregation.js';
import { figuresOfColumn, tableColumns, type FiguredColumn, type FiguresStatement } from './group-figures.js';

/** What is computed of which rows. */
export interface AggregationPlan {
  readonly rows: readonly Row[];
  readonly groupBy: readonly string[];
  readonly wanted: readonly Aggregation[];
}

/** What DuckDB found, by name, of each group; the position of a row where its value is meant. */
type Figures = ReadonlyMap<string, readonly DuckDBValue[]>;

const TABLE = 'aggregate_rows';

/**
 * Groups rows by DuckDB and has it compute the figures of each group; groups come in the order of their first row. A column
 * is one statement, so that the memory for many columns is that for one.
 *
 * DuckDB is given positions, the JSON of what rows are grouped by, and of each column what its functions need. `min` and
 * `max` of a column with texts among numbers or booleans, or with lists or objects, are found here: JavaScript's `<` of
 * those is no order that a sort could have. DuckDB then gives the positions of each group.
 */
export async function aggregateRows(run: DuckDbRun, plan: AggregationPlan): Promise<Row[]> {
  const { rows, groupBy, wanted } = plan;
  const isGrouped = groupBy.length > 0;
  const key: TableColumn = {
    name: 'key',
    type: 'VARCHAR',
    of: (row) => (isGrouped ? JSON.stringify(groupBy.map((name) => valueOf(row, name) ?? null)) : null),
  };
  const columns = figuredColumns(wanted);
  const given = columns.flatMap((column) => tableColumns(run.api, column));
  await fillTable(run, TABLE, [{ rows, columns: [positionColumn, key, ...given] }]);
  const groups = await figuresOf(run, groupsStatement(isGrouped));
  const byColumn = new Map<string | undefined, Figures>([[undefined, groups]]);
  for (const column of columns) {
    byColumn.set(column.name, await figuresOf(run, figuresOfColumn(TABLE, column, isGrouped)));
  }
  const positions = groups.get('group') ?? [];
  const results: Row[] = [];
  for await (const [from, to] of turns(run, positions.length)) {
    for (let at = from; at < to; at++) {
      const first = rowAt(rows, positions[at]) ?? {};
      results.push({
        ...Object.fromEntries(groupBy.map((name) => [name, valueOf(first, name) ?? null])),
        ...Object.fromEntries(
          wanted.map((one) => [resultName(one), resultOf(one, byColumn.get(one.column) ?? groups, at, rows)]),
        ),
      });
    }
  }
  return results;
}

function figuredColumns(wanted: readonly Aggregation[]): readonly FiguredColumn[] {
  const functions = new Map<string, Set<Aggregation['function']>>();
  for (const { function: name, column } of wanted) {
    if (column === undefined) continue;
    functions.set(column, (functions.get(column) ?? new Set()).add(name));
  }
  return [...functions].map(([name, of], index) => ({ name, index, functions: of, kinds: new Set() }));
}

function groupsStatement(isGrouped: boolean): FiguresStatement {
  const grouped = isGrouped ? ' GROUP BY "key"' : '';
  const sql = `SELECT min("row") AS "group", count(*) AS "count" FROM ${TABLE}${grouped} ORDER BY "group"`;
  return { sql, figures: ['group', 'count'] };
}

async function figuresOf(run: DuckDbRun, { sql, figures }: FiguresStatement): Promise<Figures> {
  const found = new Map(figures.map((figure) => [figure, [] as DuckDBValue[]]));
  const lists = [...found.values()];
  for await (const rows of chunksOf(run, sql)) {
    for (const row of rows) for (const [index, list] of lists.entries()) list.push(row[index] ?? null);
  }
  return found;
}

function resultOf(one: Aggregation, figures: Figures, at: number, rows: readonly Row[]): unknown {
  const { function: name, column: of } = one;
  const figure = (wanted: string): DuckDBValue => figures.get(wanted)?.[at] ?? null;
  const count = Number(figure('count'));
  if (of === undefined || name === 'count') return count;
  const valueAt = (position: DuckDBValue): unknown => valueOf(rowAt(rows, position) ?? {}, of) ?? null;
  switch (name) {
    case 'count_distinct':
      return Number(figure('distinct'));
    case 'first':
    case 'last':
      return valueAt(figure(name));
    case 'min':
    case 'max':
      return figures.has('rows') ? extreme(positionsOf(figure('rows')).map(valueAt), name) : valueAt(figure(name));
    default:
      if (Number(figure('others')) > 0) {
        throw new ToolError(`${name} needs numbers, and "${of}" has other values; cast or filter them first.`);
      }
      if (name === 'sum' || name === 'median') return figure(name);
      return moment(name, count, [figure('shift'), figure('s1'), figure('s2')].map(Number));
  }
}

function moment(name: 'mean' | 'std', count: number, [shift = 0, s1 = 0, s2 = 0]: readonly number[]): number | null {
  return momentsOf({ count, shift, sums: [s1, s2, 0, 0] })[name];
}

function positionsOf(value: DuckDBValue): readonly DuckDBValue[] {
  return typeof value === 'object' && value !== null && 'items' in value ? value.items : [];
}

function rowAt(rows: readonly Row[], position: DuckDBValue | undefined): Row | undefined {
  return typeof position === 'number' ? rows[position] : undefined;
}
