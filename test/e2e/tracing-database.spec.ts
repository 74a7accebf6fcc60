import { Injectable } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdaptersModule } from '../../src/adapters/index.js';
import { SqlConnections } from '../../src/core/index.js';
import { McpTool, MonitoringModule } from '../../src/index.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';
import { OtlpReceiver } from '../support/otlp/index.js';

const PRIVATE = 'a parameter';

@Injectable()
class SqlTools {
  constructor(private readonly connections: SqlConnections) {}

  @McpTool({ description: 'Asks a database, alone and in a transaction.' })
  async ask(): Promise<number> {
    const database = await this.connections.get('sales');
    await database.execute('CREATE TABLE IF NOT EXISTS words (word TEXT)');
    return await database.transaction(async (executor) => {
      await executor.execute('INSERT INTO words VALUES (?)', [PRIVATE]);
      return (await executor.execute(`SELECT '${PRIVATE}' FROM words`)).rows.length;
    });
  }

  @McpTool({ description: 'Asks for what there is not.' })
  async askWrong(): Promise<void> {
    await (await this.connections.get('sales')).execute(`SELECT '${PRIVATE}' FROM nowhere`);
  }
}

describe('traces of databases', () => {
  let collector: OtlpReceiver;
  let server: TestServer;
  beforeAll(async () => {
    collector = await OtlpReceiver.start();
    server = await createTestServer({
      imports: [
        AdaptersModule.forRoot({ store: { url: 'memory:', connections: { sales: 'memory:' } } }),
        MonitoringModule.forRoot({ tracing: { endpoint: collector.url, sampleRate: 1, exportIntervalMs: 20 } }),
      ],
      providers: [SqlTools],
    });
  });
  afterAll(async () => {
    await server.close();
    await collector.close();
  });

  it('[O3] say what was done in which database, never the statement or its parameters', async () => {
    await server.client.callTool({ name: 'ask', arguments: {} });
    const call = await collector.span('tools/call ask');
    const [create, transaction] = [await collector.span('CREATE sales'), await collector.span('TRANSACTION sales')];
    const [insert, select] = [await collector.span('INSERT sales'), await collector.span('SELECT sales')];
    for (const span of [create, transaction]) expect(span.parentSpanId).toBe(call.spanId);
    for (const span of [insert, select]) expect(span.parentSpanId).toBe(transaction.spanId);
    expect(insert).toMatchObject({ kind: 'client', traceId: call.traceId, status: { code: 'unset' } });
    expect(insert.attributes).toEqual({
      'db.system.name': 'sqlite',
      'db.namespace': 'sales',
      'db.operation.name': 'INSERT',
    });
  });

  it('[O3] say that a statement failed, not what its driver says', async () => {
    const failed = (): boolean => collector.spans.some(({ status }) => status.code === 'error');
    await server.client.callTool({ name: 'ask_wrong', arguments: {} });
    await collector.until(failed);
    expect(JSON.stringify(collector.spans)).not.toContain(PRIVATE);
    expect(JSON.stringify(collector.spans)).not.toContain('nowhere');
  });

  it('[O3] are part of calls only: what the server asks for itself is none', async () => {
    const before = collector.spans.length;
    await server.app.get(SqlConnections).get('store');
    await (await server.app.get(SqlConnections).get('sales')).execute('SELECT 1');
    await server.client.callTool({ name: 'ask', arguments: {} });
    await collector.until(() => collector.spans.length > before + 4);
    expect(collector.spans.filter(({ parentSpanId, kind }) => parentSpanId === '' && kind === 'client')).toEqual([]);
  });
});
