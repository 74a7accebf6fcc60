import 'reflect-metadata';
import { writeSync } from 'node:fs';
import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { z } from 'zod';
import { AdapterSqlConnections } from '../../../src/adapters/sql-connections.js';
import { migrate } from '../../../src/adapters/sql/migrations.js';
import { AUDIT_MIGRATIONS } from '../../../src/adapters/sql/audit/audit-migrations.js';
import { SqlAuditModule } from '../../../src/adapters/sql/audit/sql-audit.module.js';
import { storeOptions } from '../../../src/adapters/store.options.js';
import { AuditModule, type AuditModuleOptions } from '../../../src/audit/index.js';
import { Call, Caller, SqlConnections, Telemetry, type SqlDatabase } from '../../../src/core/index.js';
import { McpServerModule, RookeryServer } from '../../../src/index.js';

/**
 * A server that is called without pause by several callers at once, and is made to be killed: it says `ready` when it
 * serves, and the id of every call that was answered. Its argument is JSON: `{ audit, store?, callers? }`.
 */
interface ChildOptions {
  readonly audit: AuditModuleOptions;
  /** A database for `database` sinks and anchors. */
  readonly store?: string;
  readonly callers?: number;
}

const { audit, store, callers = 8 } = JSON.parse(process.argv[2] ?? '') as ChildOptions;

/** The databases of this server, as the application has them. */
class ChildConnections extends SqlConnections {
  readonly #connections: AdapterSqlConnections;

  constructor(url: string, telemetry: Telemetry) {
    super();
    this.#connections = new AdapterSqlConnections(storeOptions.parse({ url }), telemetry);
  }

  override async get(name: string): Promise<SqlDatabase> {
    const database = await this.#connections.get(name);
    await migrate(database, AUDIT_MIGRATIONS);
    return database;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#connections.onApplicationShutdown();
  }
}

@Module({})
class DatabaseModule {
  static forRoot(url: string): DynamicModule {
    const useFactory = (telemetry: Telemetry): SqlConnections => new ChildConnections(url, telemetry);
    const provider = { provide: SqlConnections, useFactory, inject: [Telemetry] };
    return { module: DatabaseModule, global: true, providers: [provider], exports: [SqlConnections] };
  }
}

@Module({})
class ChildModule {
  static forRoot(): DynamicModule {
    const databases = store === undefined ? [] : [DatabaseModule.forRoot(store), SqlAuditModule.forRoot()];
    return {
      module: ChildModule,
      imports: [
        McpServerModule.forRoot({ name: 'audited', version: '0.0.0' }),
        ...databases,
        AuditModule.forRoot(audit),
      ],
    };
  }
}

const app = await NestFactory.createApplicationContext(ChildModule.forRoot(), {
  logger: ['error'],
  abortOnError: false,
});
await app
  .get(RookeryServer)
  .registerTool(
    { name: 'work', description: 'Does its work.', inputSchema: z.object({ text: z.string() }) },
    ({ text }) => text.length,
  );
const caller = app.get(Caller);
const stopping = new AbortController();
process.once('SIGTERM', () => stopping.abort());

writeSync(1, 'ready\n');
await Promise.all(
  Array.from({ length: callers }, async (_, lane) => {
    for (let turn = 0; !stopping.signal.aborted; turn++) {
      const call = new Call({ kind: 'tool', name: 'work', input: { text: `${lane} ${turn}` } });
      const { code } = await caller.call(call);
      writeSync(1, `${code === 'ok' ? 'answered' : code} ${call.id}\n`);
      // Answers go out between calls, as a server's do.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }),
);
await app.close();
writeSync(1, 'closed\n');
