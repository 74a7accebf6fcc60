import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import {
  NoTracer,
  SqlConnections,
  redactText,
  type HealthIndicators,
  type SqlDatabase,
  type Telemetry,
  type Tracer,
} from '../core/index.js';
import { openDatabase } from './open-database.js';
import type { DialectDatabase } from './sql/dialect-database.js';
import { migrate } from './sql/migrations.js';
import { STORE_MIGRATIONS } from './sql/store-migrations.js';
import { TracedDatabase } from './sql/traced-database.js';
import type { StoreOptions } from './store.options.js';

/**
 * Opens databases when they are first asked for, once each; one that could not be opened is tried again by the next who
 * asks. `store` is brought to this version's schema first.
 *
 * Each that is configured is a health check, `store` and `database:<name>`; only `store` is critical. A check asks for
 * the database as everybody does, and so opens one that nobody has needed yet.
 *
 * They close in `onApplicationShutdown`: everybody else has until `beforeApplicationShutdown` to write what is left.
 */
export class AdapterSqlConnections extends SqlConnections implements OnApplicationShutdown {
  readonly #open = new Map<string, Promise<DialectDatabase>>();
  readonly #logger = new Logger('Store');
  readonly #broken;
  #closed = false;

  constructor(
    private readonly options: StoreOptions,
    telemetry: Telemetry,
    health?: HealthIndicators,
    private readonly tracer: Tracer = new NoTracer(),
  ) {
    super();
    this.#broken = telemetry.counter({
      name: 'rookery_sql_connection_errors_total',
      help: 'Idle database connections that broke, and were replaced.',
      labels: ['connection'],
    });
    if (health !== undefined) this.#addChecks(health);
  }

  override async get(name: string): Promise<SqlDatabase> {
    if (this.#closed) throw new Error('The databases are closed: the server has shut down.');
    const known = this.#open.get(name);
    if (known !== undefined) return this.#traced(name, await known);
    const opening = this.#prepare(name);
    this.#open.set(name, opening);
    opening.catch(() => this.#open.delete(name));
    return this.#traced(name, await opening);
  }

  async onApplicationShutdown(): Promise<void> {
    this.#closed = true;
    const opened = [...this.#open.values()];
    this.#open.clear();
    const closing = opened.map(async (opening) => {
      const database = await opening.catch(() => undefined);
      await database?.close();
    });
    for (const result of await Promise.allSettled(closing)) {
      if (result.status === 'rejected') this.#logger.error({ msg: 'a database did not close', err: result.reason });
    }
  }

  #traced(name: string, database: SqlDatabase): SqlDatabase {
    return this.tracer instanceof NoTracer ? database : new TracedDatabase(database, this.tracer, name);
  }

  #addChecks(health: HealthIndicators): void {
    for (const name of ['store', ...Object.keys(this.options.connections)]) {
      health.add({
        name: name === 'store' ? name : `database:${name}`,
        critical: name === 'store',
        check: async () => {
          const database = await this.get(name);
          await database.check();
          return { dialect: database.dialect };
        },
      });
    }
  }

  async #prepare(name: string): Promise<DialectDatabase> {
    const database = await this.#connect(name);
    if (name !== 'store') return database;
    try {
      const { applied, unknown } = await migrate(database, STORE_MIGRATIONS);
      if (applied.length > 0) this.#logger.log({ msg: 'the schema of the store was brought up to date', applied });
      if (unknown.length > 0) this.#logger.warn({ msg: 'the store was used by a newer version', unknown });
      return database;
    } catch (error) {
      await database.close();
      throw error;
    }
  }

  async #connect(name: string): Promise<DialectDatabase> {
    const counter = this.#broken.bind({ connection: name });
    return await openDatabase(this.#urlOf(name), this.options, (error) => {
      counter.add(1);
      this.#logger.warn({ msg: 'a database connection broke', connection: name, reason: redactText(error.message) });
    });
  }

  #urlOf(name: string): string {
    const { url, connections } = this.options;
    if (name === 'store') return url;
    const known = Object.hasOwn(connections, name) ? connections[name] : undefined;
    if (known !== undefined) return known;
    const names = ['store', ...Object.keys(connections)].join(', ');
    throw new Error(`There is no database "${name}". Known are: ${names}. Add it to store.connections.`);
  }
}
