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

/** A statement of somebody else: it ends in time, changes nothing unless it may, and gives no more than there is room for. */
export interface BoundedStatement {
  /** One statement with `?` for its parameters. */
  readonly sql: string;
  readonly parameters: readonly SqlValue[];
  /** Whether it may change data. Otherwise the database itself refuses that. */
  readonly write: boolean;
  readonly maxRows: number;
  /** Of the rows as JSON. */
  readonly maxBytes: number;
  readonly timeoutMs: number;
  /** Ends the statement in the database, too. */
  readonly signal: AbortSignal;
}

/** What a {@link BoundedStatement} did. */
export interface BoundedResult {
  /** Each once: of several columns with one name the later ones have a number. */
  readonly columns: readonly string[];
  /** As JSON, without loss: large integers and long decimals as text, times as ISO 8601, bytes as base64. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  readonly changes: number;
  /** Whether there were more rows. */
  readonly truncated: boolean;
}

/** One open database. */
export interface SqlDatabase extends SqlExecutor {
  /** Runs `work` in one transaction, alone among the writers: committed when it resolves, rolled back when it throws. */
  transaction<T>(work: (executor: SqlExecutor) => Promise<T>): Promise<T>;
  /**
   * Runs a statement of somebody else, on a connection where nothing of it stays.
   *
   * @throws RookeryError `timeout`; ForbiddenError for a change that may not be; the reason of the signal; the driver's
   * error
   */
  bounded(statement: BoundedStatement): Promise<BoundedResult>;
  /** Whether the database answers; throws what is wrong. */
  check(): Promise<void>;
}

/** The databases of this server by the names that configuration gives them; `store` is the server's own. */
export abstract class SqlConnections {
  /** Opens it when first asked for. @throws Error saying which name is unknown and which there are. */
  abstract get(name: string): Promise<SqlDatabase>;
}
