import type { DuckDBValue } from '@duckdb/node-api';
import { isMissing, valueOf } from '../rows.js';
import type { DuckDbRun } from '../duckdb/duck-db.js';
import type { TableColumn } from '../duckdb/temporary-table.js';
import type { Aggregation } from './aggregation.js';

/** What a value is; a missing one has no kind. */
const NUMBER = 1;
const BOOLEAN = 2;
const TEXT = 3;
const OTHER = 4;

/** A column of which something is wanted: its name, its number among them, what is wanted, and the kinds that it has. */
export interface FiguredColumn {
  readonly name: string;
  readonly index: number;
  readonly functions: ReadonlySet<Aggregation['function']>;
  /** Found while the rows are put into the table. */
  readonly kinds: Set<number>;
}

const NUMERIC = ['sum', 'mean', 'median', 'std'] as const;
const EXTREMES = ['min', 'max'] as const;

const wantsOf = ({ functions }: FiguredColumn, names: readonly Aggregation['function'][]): boolean =>
  names.some((name) => functions.has(name));

/**
 * What DuckDB is given of a column, no more than its functions need: the kind of value, the number (a boolean compares as
 * one), the text as bytes that compare as JavaScript's texts do, and the JSON by which values are distinct.
 */
export function tableColumns(api: DuckDbRun['api'], column: FiguredColumn): readonly TableColumn[] {
  const { name, index, functions, kinds } = column;
  const ofKind = (value: unknown): DuckDBValue => {
    const kind = kindOf(value);
    if (kind !== null) kinds.add(kind);
    return kind;
  };
  const given: TableColumn[] = [{ name: `kind${index}`, type: 'TINYINT', of: (row) => ofKind(valueOf(row, name)) }];
  if (wantsOf(column, [...NUMERIC, ...EXTREMES])) {
    given.push({ name: `number${index}`, type: 'DOUBLE', of: (row) => numberOf(valueOf(row, name)) });
  }
  if (wantsOf(column, EXTREMES)) {
    const bytes = (value: unknown): DuckDBValue =>
      typeof value === 'string' ? new api.DuckDBBlobValue(Buffer.from(value, 'utf16le').swap16()) : null;
    given.push({ name: `text${index}`, type: 'BLOB', of: (row) => bytes(valueOf(row, name)) });
  }
  if (functions.has('count_distinct')) {
    given.push({ name: `json${index}`, type: 'VARCHAR', of: (row) => jsonOf(valueOf(row, name)) });
  }
  return given;
}

function kindOf(value: unknown): number | null {
  if (isMissing(value)) return null;
  if (typeof value === 'number') return NUMBER;
  if (typeof value === 'boolean') return BOOLEAN;
  return typeof value === 'string' ? TEXT : OTHER;
}

function numberOf(value: unknown): number | null {
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'number' && !Number.isNaN(value) ? value : null;
}

function jsonOf(value: unknown): string | null {
  if (isMissing(value)) return null;
  // What has no JSON is one value, and no other has this text.
  const text: string | undefined = JSON.stringify(value);
  return text ?? '';
}

/** A statement, and the names of what it gives. */
export interface FiguresStatement {
  readonly sql: string;
  readonly figures: readonly string[];
}

/**
 * The statement for all figures of a column, by group in the order of the first rows. Sums are those of lists in the order
 * of the rows: floating sums of DuckDB differ with the order, which its threads choose.
 */
export function figuresOfColumn(table: string, column: FiguredColumn, isGrouped: boolean): FiguresStatement {
  const { index, functions, kinds } = column;
  const groups = ['min("row") AS "group"', `count("kind${index}") AS "count"`];
  const figures = ['count'];
  const steps: string[][] = [];
  const add = (figure: string, sql: string): void => {
    groups.push(`${sql} AS "${figure}"`);
    figures.push(figure);
  };
  const there = `FILTER ("kind${index}" IS NOT NULL)`;
  if (functions.has('count_distinct')) add('distinct', `count(DISTINCT "json${index}")`);
  if (functions.has('first')) add('first', `min("row") ${there}`);
  if (functions.has('last')) add('last', `max("row") ${there}`);
  const compared = comparedBy(kinds);
  if (wantsOf(column, EXTREMES) && compared === undefined) add('rows', `list_sort(list("row") ${there})`);
  for (const name of EXTREMES.filter((one) => compared !== undefined && functions.has(one))) {
    // Of equal values the first is the least and the last the greatest.
    const value = `"${compared}${index}"`;
    add(name, `struct_extract(${name}({'value': ${value}, 'row': "row"}) FILTER (${value} IS NOT NULL), 'row')`);
  }
  if (wantsOf(column, NUMERIC)) {
    add('others', `count(*) FILTER ("kind${index}" <> ${NUMBER})`);
    numbers(column, { groups, steps, figures });
  }
  const grouped = `SELECT ${groups.join(', ')} FROM ${table}${isGrouped ? ' GROUP BY "key"' : ''}`;
  const stepped = steps.reduce((sql, step) => `SELECT *, ${step.join(', ')} FROM (${sql})`, grouped);
  const outputs = figures.map((figure) => `"${figure}"`);
  return { sql: `SELECT ${outputs.join(', ')} FROM (${stepped}) ORDER BY "group"`, figures };
}

/** In which of its columns values have the order that they have here; of several kinds at once in none. */
function comparedBy(kinds: ReadonlySet<number>): 'number' | 'text' | undefined {
  if ([...kinds].every((kind) => kind === NUMBER || kind === BOOLEAN)) return 'number';
  return kinds.size === 1 && kinds.has(TEXT) ? 'text' : undefined;
}

/** What the statement of a column is made of. */
interface Parts {
  readonly groups: string[];
  readonly steps: string[][];
  readonly figures: string[];
}

/** The same operations in the same order as `describe` of the statistics, so that the figures are the same to the last bit. */
function numbers(column: FiguredColumn, { groups, steps, figures }: Parts): void {
  const { functions } = column;
  const value = `"number${column.index}"`;
  const list = (fields: string): string => `list_sort(list({${fields}}) FILTER (${value} IS NOT NULL))`;
  if (functions.has('median')) {
    // -0 comes before 0.
    groups.push(`${list(`'value': ${value}, 'plus': NOT signbit(${value})`)} AS "sorted"`);
    steps.push(
      ['struct_extract("sorted"[len("sorted") // 2], \'value\') AS "lower"'],
      ['struct_extract("sorted"[len("sorted") // 2 + 1], \'value\') AS "upper"'],
      ['CASE WHEN "count" % 2 = 1 THEN "upper" ELSE "lower" / 2 + "upper" / 2 END AS "median"'],
    );
    figures.push('median');
  }
  if (!wantsOf(column, ['sum', 'mean', 'std'])) return;
  groups.push(`${list(`'row': "row", 'value': ${value}`)} AS "ordered"`);
  steps.push(['list_transform("ordered", lambda one: one.value) AS "values"'], ['list_sum("values") AS "sum"']);
  figures.push('sum');
  if (!wantsOf(column, ['mean', 'std'])) return;
  const sumOf = (term: string): string => `list_sum(list_transform("values", lambda one: ${term}))`;
  groups.push(`min(${value}) AS "low"`, `max(${value}) AS "high"`);
  steps.push(
    ['"sum" / len("values") AS "rough"'],
    [`CASE WHEN "low" = "high" THEN "low" ELSE "rough" + ${sumOf('one - "rough"')} / len("values") END AS "shift"`],
    [`${sumOf('one - "shift"')} AS "s1"`, `${sumOf('(one - "shift") * (one - "shift")')} AS "s2"`],
  );
  figures.push('shift', 's1', 's2');
}
