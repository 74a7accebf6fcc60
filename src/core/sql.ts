/** What a column may hold, and a parameter be: JSON goes as text, times as milliseconds since the epoch. */
export type SqlValue = string | number | bigint | Uint8Array | boolean | null;

/** One row, by column name. */
export type SqlRow = Readonly<Record<string, SqlValue>>;

/** What a statement did. */
export interface SqlResult {
  readonly rows: readonly SqlRow[];
  /** Rows inserted, updated or deleted. */
  readonly changes: number;
}

/** A database, or a transaction in one. Statements have `?` for their parameters, whatever the dialect. */
export interface SqlExecutor {
  readonly dialect: 'libsql' | 'postgres';
  /** @throws the driver's error; its text is not for clients. */
  execute(sql: string, parameters?: readonly SqlValue[]): Promise<SqlResult>;
}

/** One open database. */
export interface SqlDatabase extends SqlExecutor {
  /** Runs `work` in one transaction, alone among the writers: committed when it resolves, rolled back when it throws. */
  transaction<T>(work: (executor: SqlExecutor) => Promise<T>): Promise<T>;
  /** Whether the database answers; throws what is wrong. */
  check(): Promise<void>;
}

/** The databases of this server by the names that configuration gives them; `store` is the server's own. */
export abstract class SqlConnections {
  /** Opens it when first asked for. @throws Error saying which name is unknown and which there are. */
  abstract get(name: string): Promise<SqlDatabase>;
}
