import type {
  BoundedResult,
  BoundedStatement,
  SqlDatabase,
  SqlExecutor,
  SqlResult,
  SqlValue,
  Tracer,
} from '../../core/index.js';

const SYSTEMS = { libsql: 'sqlite', postgres: 'postgresql' } as const;

/** Statements as spans: the name of the database and the statement's first word, never its text or parameters. */
class TracedExecutor implements SqlExecutor {
  constructor(
    private readonly executor: SqlExecutor,
    protected readonly tracer: Tracer,
    protected readonly connection: string,
  ) {}

  get dialect(): SqlExecutor['dialect'] {
    return this.executor.dialect;
  }

  execute(sql: string, parameters?: readonly SqlValue[]): Promise<SqlResult> {
    return this.spanned(operationOf(sql), () => this.executor.execute(sql, parameters));
  }

  /** By OpenTelemetry's conventions for databases. */
  protected spanned<T>(operation: string, work: () => Promise<T>): Promise<T> {
    const { dialect, connection } = this;
    const attributes = {
      'db.system.name': SYSTEMS[dialect],
      'db.namespace': connection,
      'db.operation.name': operation,
    };
    return this.tracer.span(`${operation} ${connection}`, { kind: 'client', attributes }, work);
  }
}

/** A database whose statements and transactions are part of the traces of calls. */
export class TracedDatabase extends TracedExecutor implements SqlDatabase {
  constructor(
    private readonly database: SqlDatabase,
    tracer: Tracer,
    connection: string,
  ) {
    super(database, tracer, connection);
  }

  transaction<T>(work: (executor: SqlExecutor) => Promise<T>): Promise<T> {
    const { tracer, connection } = this;
    return this.spanned('TRANSACTION', () =>
      this.database.transaction((executor) => work(new TracedExecutor(executor, tracer, connection))),
    );
  }

  bounded(statement: BoundedStatement): Promise<BoundedResult> {
    return this.spanned(operationOf(statement.sql), () => this.database.bounded(statement));
  }

  check(): Promise<void> {
    return this.database.check();
  }
}

/** `SELECT`, `INSERT`, `WITH`, …: of bounded number whatever the statement. */
function operationOf(sql: string): string {
  const word = /^\s*([a-z]{2,12})\b/i.exec(sql)?.[1];
  return word === undefined ? 'SQL' : word.toUpperCase();
}
