import type { SqlExecutor, SqlRow } from '../../index.js';

/** What a column takes: the classes of values that both dialects tell apart. `any` takes text and numbers alike. */
export type ColumnKind = 'integer' | 'number' | 'boolean' | 'text' | 'bytes' | 'any';

/** A column of a table, as the database has it. */
export interface Column {
  readonly name: string;
  readonly kind: ColumnKind;
  readonly nullable: boolean;
}

/** A table, as the database has it. */
export interface Table {
  /** Quoted, ready to stand in a statement. */
  readonly quoted: string;
  readonly columns: ReadonlyMap<string, Column>;
}

/** Looks up the columns of `table` or `schema.table`; `undefined` when there is no such table. */
export async function readTable(executor: SqlExecutor, name: string): Promise<Table | undefined> {
  const parts = name.split('.');
  const table = parts.at(-1) ?? '';
  const schema = parts.length > 1 ? parts[0] : undefined;
  const rows =
    executor.dialect === 'libsql' ? await ofLibsql(executor, table, schema) : await ofPostgres(executor, table, schema);
  if (rows.length === 0) return undefined;
  const columns = rows.map((row): Column => {
    const { name: column, type, required } = row;
    return { name: String(column), kind: kindOf(String(type), executor.dialect), nullable: required === 0 };
  });
  return { quoted: parts.map(quote).join('.'), columns: new Map(columns.map((column) => [column.name, column])) };
}

/** A name as it stands in a statement of either dialect. Only names that the database itself gave are to be quoted. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

async function ofLibsql(executor: SqlExecutor, table: string, schema = 'main'): Promise<readonly SqlRow[]> {
  const sql = 'SELECT name, type, "notnull" AS required FROM pragma_table_info(?, ?) ORDER BY cid';
  return (await executor.execute(sql, [table, schema])).rows;
}

async function ofPostgres(executor: SqlExecutor, table: string, schema?: string): Promise<readonly SqlRow[]> {
  const sql =
    "SELECT column_name AS name, data_type AS type, CASE is_nullable WHEN 'NO' THEN 1 ELSE 0 END AS required " +
    'FROM information_schema.columns WHERE table_name = ? AND table_schema = COALESCE(?, current_schema()) ' +
    'ORDER BY ordinal_position';
  return (await executor.execute(sql, [table, schema ?? null])).rows;
}

/** By SQLite's rules of affinity, with booleans, and by the names of PostgreSQL's types. */
function kindOf(declared: string, dialect: SqlExecutor['dialect']): ColumnKind {
  const type = declared.toUpperCase();
  if (/BOOL/.test(type)) return 'boolean';
  if (/INT(?!ERVAL)/.test(type)) return 'integer';
  if (/BLOB|BYTEA/.test(type)) return 'bytes';
  if (/REAL|FLOA|DOUB|NUMERIC|DECIMAL/.test(type)) return 'number';
  if (dialect === 'postgres' || /CHAR|CLOB|TEXT/.test(type)) return 'text';
  return 'any';
}
