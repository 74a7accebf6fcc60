import type { SqlValue } from '../../index.js';
import { quote } from './table.js';

/** A condition on one column; `null` means that it has no value. */
export type Conditions = ReadonlyMap<string, SqlValue>;

/** A statement and what is bound to its `?`. */
export interface BoundStatement {
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/** What a read asks of a table. Every name is one that the table has. */
export interface ReadPlan {
  readonly where: Conditions;
  readonly columns: readonly string[];
  readonly order: readonly { readonly column: string; readonly descending: boolean }[];
  readonly limit: number;
  readonly offset: number;
}

/** Rows of a table, with one more than asked for where there is one: so that whoever reads knows of a next page. */
export function selectStatement(table: string, { where, columns, order, limit, offset }: ReadPlan): BoundStatement {
  const condition = conditionOf(where);
  const by = order.map(({ column, descending }) => `${quote(column)} ${descending ? 'DESC' : 'ASC'}`).join(', ');
  const sql = `SELECT ${columns.map(quote).join(', ')} FROM ${table}${condition.sql} ORDER BY ${by} LIMIT ? OFFSET ?`;
  return { sql, values: [...condition.values, limit + 1, offset] };
}

/** Changes the rows that fulfil the conditions; all of them when there are none. */
export function updateStatement(
  table: string,
  values: ReadonlyMap<string, SqlValue>,
  where: Conditions,
): BoundStatement {
  const condition = conditionOf(where);
  const assignments = [...values.keys()].map((column) => `${quote(column)} = ?`).join(', ');
  return {
    sql: `UPDATE ${table} SET ${assignments}${condition.sql}`,
    values: [...values.values(), ...condition.values],
  };
}

/** Deletes the rows that fulfil the conditions. @throws Error without any: that would be all of them */
export function deleteStatement(table: string, where: Conditions): BoundStatement {
  if (where.size === 0) throw new Error('Rows are deleted by a condition only.');
  const condition = conditionOf(where);
  return { sql: `DELETE FROM ${table}${condition.sql}`, values: condition.values };
}

function conditionOf(where: Conditions): BoundStatement {
  if (where.size === 0) return { sql: '', values: [] };
  const terms = [...where].map(([column, value]) => `${quote(column)} ${value === null ? 'IS NULL' : '= ?'}`);
  return { sql: ` WHERE ${terms.join(' AND ')}`, values: [...where.values()].filter((value) => value !== null) };
}
