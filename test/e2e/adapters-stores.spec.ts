import { Logger } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  AdapterSqlConnections,
  RedisTokenStore,
  SqlApiKeyStore,
  SqlTaskStore,
  SqlTokenStore,
  describeTaskStore,
  openRedis,
  redisOptions,
  storeOptions,
  type RedisConnection,
} from '../../src/adapters/index.js';
import { describeApiKeyStore } from '../../src/auth/index.js';
import { describeTokenStore } from '../../src/auth/oauth/token-store.contract.js';
import { InMemoryTelemetry } from '../../src/core/index.js';
import { TemporaryFiles } from '../support/servers/temporary-files.js';
import { startPostgres, startRedis, type PostgresServer, type RedisServer } from '../support/servers/index.js';

beforeAll(() => Logger.overrideLogger(false));

const runner = { describe, it, expect, beforeEach };

/** The stores of the server's own database, each on connections of its own. */
function describeStores(newDatabase: () => Promise<string>): void {
  const opened: AdapterSqlConnections[] = [];
  let url: string;

  afterAll(async () => await Promise.all(opened.map((connections) => connections.onApplicationShutdown())));

  const connect = (): AdapterSqlConnections => {
    const connections = new AdapterSqlConnections(storeOptions.parse({ url, poolSize: 4 }), new InMemoryTelemetry());
    opened.push(connections);
    return connections;
  };
  const connectNew = async (): Promise<AdapterSqlConnections> => {
    url = await newDatabase();
    return connect();
  };

  describeApiKeyStore(
    runner,
    async () => new SqlApiKeyStore(await connectNew()),
    () => new SqlApiKeyStore(connect()),
  );
  describeTokenStore(
    runner,
    async () => new SqlTokenStore(await connectNew()),
    () => new SqlTokenStore(connect()),
  );
  describeTaskStore(
    runner,
    async ({ maxTasks, now }) => new SqlTaskStore(await connectNew(), maxTasks, now),
    ({ maxTasks, now }) => new SqlTaskStore(connect(), maxTasks, now),
  );

  it('[A4] removes tokens that have expired, so that the table does not grow', async () => {
    const connections = await connectNew();
    let now = 0;
    const store = new SqlTokenStore(connections, () => now);
    const record = { sealed: Uint8Array.of(1), version: 'v' };
    await store.put('old', { ...record, expiresAt: 10 });
    now = 120_000;
    await store.put('new', { ...record, expiresAt: 130_000 });
    const { rows } = await (await connections.get('store')).execute('SELECT id FROM rookery_tokens');
    expect(rows).toEqual([{ id: 'new' }]);
  });
}

describe('stores on libsql', () => {
  const files = new TemporaryFiles();
  afterAll(async () => await files.remove());
  describeStores(async () => `file:${await files.path('store.db')}`);
});

describe('stores on PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => void (server = await startPostgres()), 300_000);
  afterAll(async () => await server.stop());
  describeStores(async () => await server.createDatabase());
});

describe('stores on Redis', () => {
  let server: RedisServer;
  const connections: RedisConnection[] = [];

  beforeAll(async () => {
    server = await startRedis();
    const { url: _url, ...options } = redisOptions.parse({});
    for (let index = 0; index < 2; index++) {
      connections.push(await openRedis(server.url, options, new InMemoryTelemetry()));
    }
  }, 300_000);
  afterAll(async () => {
    for (const connection of connections) connection.onApplicationShutdown();
    await server.stop();
  });

  const connection = (index: number): RedisConnection => {
    const found = connections[index];
    if (found === undefined) throw new Error('not connected');
    return found;
  };
  describeTokenStore(
    runner,
    async () => {
      await server.flush();
      return new RedisTokenStore(connection(0));
    },
    () => new RedisTokenStore(connection(1)),
  );

  it('[A4] lets Redis forget a token when it expires', async () => {
    await server.flush();
    const store = new RedisTokenStore(connection(0));
    const expiresAt = Date.now() + 60_000;
    await store.put('a', { sealed: Uint8Array.of(1), version: 'v', expiresAt });
    const end = await connection(0).run(async (redis) => await redis.pexpiretime('token:a'));
    expect(end).toBe(expiresAt);
  });
});
