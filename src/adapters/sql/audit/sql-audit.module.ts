import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { AuditAnchors, AuditSinkFactories, type AuditSink, type AuditSinkOptions } from '../../../audit/index.js';
import { SqlConnections, type SqlDatabase } from '../../../core/index.js';
import { migrate } from '../migrations.js';
import { AUDIT_MIGRATIONS } from './audit-migrations.js';
import { SqlAuditAnchors } from './sql-audit-anchors.js';
import { SqlAuditSink } from './sql-audit-sink.js';

const PROVIDERS: Provider[] = [
  {
    provide: AuditSinkFactories,
    useFactory: (connections: SqlConnections) =>
      new AuditSinkFactories({ database: (options) => sqlAuditSink(connections, options) }),
    inject: [SqlConnections],
  },
  {
    provide: AuditAnchors,
    useFactory: (connections: SqlConnections) => new SqlAuditAnchors(() => withTables(connections, 'store')),
    inject: [SqlConnections],
  },
];

/**
 * Gives the audit trail its database sink, and keeps its heads in the store. Global: import it before `AuditModule`, and
 * where {@link SqlConnections} is provided globally.
 */
@Module({})
export class SqlAuditModule {
  static forRoot(): DynamicModule {
    return { module: SqlAuditModule, global: true, providers: PROVIDERS, exports: [AuditSinkFactories, AuditAnchors] };
  }
}

async function sqlAuditSink(connections: SqlConnections, options: AuditSinkOptions): Promise<AuditSink> {
  if (options.type !== 'database') throw new Error(`A sink of type "${options.type}" is no database.`);
  return new SqlAuditSink(await withTables(connections, options.connection), options.connection);
}

/** Connections other than the store are not migrated by those who open them. */
async function withTables(connections: SqlConnections, name: string): Promise<SqlDatabase> {
  const database = await connections.get(name);
  if (name !== 'store') await migrate(database, AUDIT_MIGRATIONS);
  return database;
}
