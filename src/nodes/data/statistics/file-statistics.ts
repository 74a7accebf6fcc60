import type { DuckDbRun } from '../duckdb/duck-db.js';
import { quoted } from '../duckdb/duck-db.js';
import { momentsOf, type Description } from './moments.js';

const NUMERIC = /^(?:U?(?:TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL)/;
/** Rows whose mean is near enough to that of all. */
const SAMPLE = 2_048;

/** What a table in a file is like. */
export interface FileDescription {
  readonly rows: number;
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  readonly statistics: Readonly<Record<string, Description>>;
}

/** The columns of a source that DuckDB reads, and which of them are numbers. */
export async function columnsOfSource(
  run: DuckDbRun,
  source: string,
): Promise<{ name: string; type: string; isNumeric: boolean }[]> {
  const described = await run.connection.runAndReadAll(`DESCRIBE SELECT * FROM ${source}`);
  return described.getRows().map(([name, type]) => ({
    name: String(name),
    type: String(type),
    isNumeric: NUMERIC.test(String(type)) && !String(type).endsWith('[]'),
  }));
}

/**
 * Describes the columns of a file that are numbers, in one pass. DuckDB's own `skewness` is another one (corrected) and
 * sums raw powers; these are the differences from the mean of the first rows.
 */
export async function describeSource(
  run: DuckDbRun,
  source: string,
  wanted: readonly string[],
): Promise<FileDescription> {
  const columns = await columnsOfSource(run, source);
  const names = columns
    .filter(({ name, isNumeric }) => isNumeric && (wanted.length === 0 || wanted.includes(name)))
    .map(({ name }) => name);
  run.check();
  const finite = (name: string): string =>
    `CASE WHEN isfinite(${quoted(name)}::DOUBLE) THEN ${quoted(name)}::DOUBLE END`;
  const means = names.map((name) => `avg(${finite(name)})`);
  const shifts =
    names.length === 0
      ? []
      : (
          (
            await run.connection.runAndReadAll(
              `SELECT ${means.join(', ')} FROM (SELECT * FROM ${source} LIMIT ${SAMPLE})`,
            )
          ).getRows()[0] ?? []
        ).map((value) => Number(value ?? 0));
  run.check();
  const parts = names.flatMap((_, index) => {
    const [x, d] = [`x${index}`, `(x${index} - ${shifts[index]}::DOUBLE)`];
    const powers = [d, `${d} * ${d}`, `${d} * ${d} * ${d}`, `${d} * ${d} * ${d} * ${d}`].map(
      (power) => `sum(${power})`,
    );
    return [`count(${x})`, ...powers, `median(${x})`, `min(${x})`, `max(${x})`];
  });
  const inner = names.map((name, index) => `${finite(name)} AS x${index}`);
  const from = names.length === 0 ? source : `(SELECT ${inner.join(', ')} FROM ${source})`;
  const read = await run.connection.runAndReadAll(
    `SELECT count(*), ${parts.join(', ')} FROM ${from}`.replace(', FROM', ' FROM').replace(/, $/, ''),
  );
  const [total, ...values] = (read.getRows()[0] ?? []).map((value) => (value === null ? null : Number(value)));
  const rows = total ?? 0;
  const entries = names.map((name, index): [string, Description] => {
    const [count, s1, s2, s3, s4, median, min, max] = values.slice(index * 8, index * 8 + 8) as number[];
    const known = count ?? 0;
    const constant = known > 0 && min === max;
    const moments = momentsOf({
      count: known,
      shift: constant ? Number(min) : Number(shifts[index]),
      sums: constant ? [0, 0, 0, 0] : [s1 ?? 0, s2 ?? 0, s3 ?? 0, s4 ?? 0],
    });
    return [
      name,
      { count: known, missing: rows - known, median: median ?? null, min: min ?? null, max: max ?? null, ...moments },
    ];
  });
  return { rows, columns: columns.map(({ name, type }) => ({ name, type })), statistics: Object.fromEntries(entries) };
}

/** Correlations of all pairs of columns, by position of the pair. */
export async function correlateSource(
  run: DuckDbRun,
  source: string,
  names: readonly string[],
): Promise<(one: string, other: string) => number | null> {
  const pairs = names.flatMap((one, index) => names.slice(index).map((other) => [one, other] as const));
  if (pairs.length === 0) return () => null;
  // As differences from the mean of the first rows: far from zero DuckDB's `corr` keeps few digits.
  const means = names.map((name) => `avg(${quoted(name)}::DOUBLE)`);
  const first = await run.connection.runAndReadAll(
    `SELECT ${means.join(', ')} FROM (SELECT * FROM ${source} LIMIT ${SAMPLE})`,
  );
  const shifts = new Map(names.map((name, index) => [name, finiteNumber(first.getRows()[0]?.[index])]));
  run.check();
  const shifted = (name: string): string => `(${quoted(name)}::DOUBLE - ${shifts.get(name) ?? 0}::DOUBLE)`;
  const parts = pairs.map(([one, other]) => `corr(${shifted(one)}, ${shifted(other)})`);
  const read = await run.connection.runAndReadAll(`SELECT ${parts.join(', ')} FROM ${source}`);
  const row = read.getRows()[0] ?? [];
  const found = new Map(pairs.map(([one, other], index) => [JSON.stringify([one, other]), finiteOf(row[index])]));
  return (one, other) => found.get(JSON.stringify([one, other])) ?? null;
}

function finiteOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? Math.min(1, Math.max(-1, value)) : null;
}

function finiteNumber(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}
