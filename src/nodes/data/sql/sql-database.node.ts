import { Inject, Optional } from '@nestjs/common';
import { z } from 'zod';
import {
  ForbiddenError,
  InvalidArgumentsError,
  RookeryError,
  SqlConnections,
  ToolError,
  closest,
} from '../../../core/index.js';
import { NodeFiles } from '../../model/node-files.js';
import { Node, type NodeContext } from '../../model/node.js';
import { WorkflowNode } from '../../model/workflow-node.decorator.js';
import { filePath } from '../csv/csv-parameters.js';
import { DataSettings } from '../data.options.js';
import { DuckDb } from '../duckdb/duck-db.js';
import { rowLimit } from '../row-limit.js';
import { queryFiles } from './duckdb-query.js';
import { positional } from './named-parameters.js';

const value = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** Each is an open file. */
const MOST_TABLES = 16;

const parameters = z.strictObject({
  connection: z
    .string()
    .min(1)
    .max(64)
    .describe('A database of nodes.data.sql.connections, or `duckdb` for a query over files.'),
  query: z.string().min(1).max(100_000).describe('One statement, with ? or :name for its parameters.'),
  parameters: z
    .union([z.array(value).max(1_000), z.record(z.string(), value)])
    .default([])
    .describe('Values for ?, in their order; or by name for :name.'),
  tables: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,62}$/, 'must be a name: letters, digits and _'), filePath)
    .refine((tables) => Object.keys(tables).length <= MOST_TABLES, `must be at most ${MOST_TABLES} tables`)
    .optional()
    .describe('Of `duckdb`: the tables of the query, and the .csv, .parquet, .json or .jsonl files that they are.'),
  write: z.boolean().default(false).describe('Whether the statement may change data, where the connection allows it.'),
  max_rows: z.int().min(1).optional().describe('Rows at the most. Default: as many as the server allows.'),
  timeout_seconds: z.number().min(0.1).default(30).describe('After how long the statement is ended in the database.'),
});

const output = z.strictObject({
  data: z.array(z.unknown()).describe('The rows: values by column.'),
  rows: z.int(),
  columns: z.array(z.string()),
  changes: z.int().describe('Rows inserted, updated or deleted.'),
  truncated: z.boolean().describe('Whether there are more rows than were given.'),
});

type Parameters = z.output<typeof parameters>;
type Output = z.output<typeof output>;

/**
 * Runs a statement in a database that the configuration names, or a query over files. Unless it says `write: true`, and
 * its connection allows that, the database itself keeps it from changing anything.
 */
@WorkflowNode({
  category: 'data',
  description: 'Query a database (PostgreSQL, libsql), or files by SQL (DuckDB).',
  parameters,
  output,
  examples: [
    {
      title: 'a table',
      parameters: { connection: 'sales', query: 'SELECT * FROM orders WHERE region = ?', parameters: ['north'] },
    },
    {
      title: 'files',
      parameters: {
        connection: 'duckdb',
        query: 'SELECT region, sum(amount) AS total FROM sales GROUP BY region ORDER BY region',
        tables: { sales: 'data/sales.csv' },
      },
    },
  ],
})
export class SQLDatabaseNode extends Node<Parameters, Output> {
  constructor(
    private readonly files: NodeFiles,
    private readonly duckDb: DuckDb,
    private readonly settings: DataSettings,
    @Optional() @Inject(SqlConnections) private readonly connections?: SqlConnections,
  ) {
    super();
  }

  override async run(given: Parameters, { signal }: NodeContext): Promise<Output> {
    const { maxRows: allowed, maxBytes, sql } = this.settings.options;
    const maxRows = rowLimit(given.max_rows, allowed);
    if (given.timeout_seconds > sql.maxTimeoutSeconds) {
      throw wrong('timeout_seconds', `must be at most ${sql.maxTimeoutSeconds} (nodes.data.sql.maxTimeoutSeconds)`);
    }
    const { sql: statement, values } = positional(given.query, given.parameters);
    if (given.connection === 'duckdb') {
      if (given.write) throw wrong('write', 'is not for duckdb: files are written by the nodes that write them');
      const { tables = {}, timeout_seconds: timeoutSeconds } = given;
      const query = { sql: statement, values, tables, timeoutSeconds, maxRows, maxBytes };
      const read = await queryFiles(this.files.roots, this.duckDb, query, signal);
      const { data, rows, truncated } = read;
      return { data, rows, columns: read.columns.map(({ name }) => name), changes: 0, truncated };
    }
    if (given.tables !== undefined) throw wrong('tables', 'is for the connection "duckdb" only');
    const database = await this.#database(given);
    const timeoutMs = given.timeout_seconds * 1_000;
    const bounded = { sql: statement, parameters: values, write: given.write, maxRows, maxBytes, timeoutMs, signal };
    try {
      const { rows, columns, changes, truncated } = await database.bounded(bounded);
      return { data: [...rows], rows: rows.length, columns: [...columns], changes, truncated };
    } catch (error) {
      throw explained(error);
    }
  }

  async #database({ connection, write }: Parameters) {
    const { connections } = this.settings.options.sql;
    const known = Object.hasOwn(connections, connection) ? connections[connection] : undefined;
    if (known === undefined) {
      const near = closest(connection, [...Object.keys(connections), 'duckdb']);
      const hint =
        near === undefined ? 'Nodes may use those of nodes.data.sql.connections.' : `Did you mean "${near}"?`;
      throw new ToolError(`There is no database "${connection}" for nodes. ${hint}`);
    }
    if (write && !known.write) {
      throw new ForbiddenError(
        `Nodes may not change data by "${connection}"; nodes.data.sql.connections.${connection}.write allows it.`,
      );
    }
    if (this.connections === undefined)
      throw new Error('SQLDatabaseNode needs AdaptersModule, which knows the databases.');
    return await this.connections.get(connection);
  }
}

function wrong(path: string, message: string): InvalidArgumentsError {
  return new InvalidArgumentsError([{ path, message }], 'parameters of SQLDatabaseNode');
}

/**
 * What a database refused, for the caller: by class of SQLSTATE and SQLite's code. The driver's text of a wrong statement
 * names what the caller wrote; other texts may hold values and stay in the log.
 */
function explained(thrown: unknown): unknown {
  if (thrown instanceof RookeryError || !(thrown instanceof Error) || !('code' in thrown)) return thrown;
  const code = String(thrown.code);
  const options = { cause: thrown };
  if (code === '25006' || code === 'SQLITE_READONLY') {
    return new ForbiddenError('The statement would change data, and this one only reads.', options);
  }
  if (code === '57014')
    return new RookeryError('timeout', 'The database ended the statement: it took too long.', {}, options);
  if (code === '42501')
    return new ForbiddenError('The database does not permit that to the user of this connection.', options);
  if (code.startsWith('42') || code === 'SQLITE_ERROR') {
    return new ToolError(`The statement is wrong: ${thrown.message.slice(0, 300)}`, undefined, options);
  }
  if (/^2[23]...$/.test(code) || /^SQLITE_(CONSTRAINT|MISMATCH)/.test(code)) {
    return new ToolError(
      'A value does not fit its column, or breaks a rule of the table. Nothing was changed.',
      undefined,
      options,
    );
  }
  return thrown;
}
