import { ConsoleLogger, Injectable, Logger, Module, type BeforeApplicationShutdown } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdaptersModule, RedisConnection, type AdaptersModuleOptions } from '../../src/adapters/index.js';
import { ApiKeyStore } from '../../src/auth/index.js';
import { TokenStoreFactories } from '../../src/auth/oauth/token-store-factories.js';
import type { TokenStore } from '../../src/auth/oauth/token-store.js';
import { AttemptLimiter, CoreModule, SharedPorts, SqlConnections } from '../../src/core/index.js';
import { freePort } from '../support/servers/free-port.js';
import { startPostgres, startRedis, type PostgresServer, type RedisServer } from '../support/servers/index.js';
import { TemporaryFiles } from '../support/servers/temporary-files.js';

const files = new TemporaryFiles();
let postgres: PostgresServer;
let redis: RedisServer;

beforeAll(() => Logger.overrideLogger(false));
beforeAll(async () => void ([postgres, redis] = await Promise.all([startPostgres(), startRedis()])), 300_000);
afterAll(async () => await Promise.all([postgres.stop(), redis.stop(), files.remove()]));

/** Writes when everything is over but the databases. */
@Injectable()
class LastWriter implements BeforeApplicationShutdown {
  constructor(private readonly connections: SqlConnections) {}

  async beforeApplicationShutdown(): Promise<void> {
    const database = await this.connections.get('store');
    await database.execute('CREATE TABLE IF NOT EXISTS last_words (id BIGINT)');
  }
}

@Module({ providers: [LastWriter] })
class WriterModule {}

async function putToken(store: TokenStore | undefined): Promise<boolean | undefined> {
  return await store?.put('a', { sealed: Uint8Array.of(1), version: 'v', expiresAt: Date.now() + 60_000 });
}

async function start(options: AdaptersModuleOptions) {
  const testing = Test.createTestingModule({ imports: [CoreModule, AdaptersModule.forRoot(options), WriterModule] });
  const app = await testing.setLogger(new ConsoleLogger({ logLevels: [] })).compile();
  return await app.init();
}

describe.each(['libsql', 'postgres'])('the adapters on %s', (dialect) => {
  const newUrl = async (): Promise<string> =>
    dialect === 'postgres' ? await postgres.createDatabase() : `file:${await files.path('store.db')}`;

  it('open the store when it is first asked for, once, with its schema', async () => {
    const app = await start({ store: { url: await newUrl() } });
    const connections = app.get(SqlConnections);
    const opened = await Promise.all(Array.from({ length: 5 }, async () => await connections.get('store')));
    expect(new Set(opened).size).toBe(1);
    expect(opened[0]?.dialect).toBe(dialect);
    expect(await app.get(ApiKeyStore).list()).toEqual([]);
    expect(await putToken(await app.get(TokenStoreFactories).get('database')?.())).toBe(true);
    expect(app.get(TokenStoreFactories).get('redis')).toBeUndefined();
    await app.close();
  });

  it('open further databases by their names, without a schema, and refuse unknown names', async () => {
    const [url, further] = [await newUrl(), await newUrl()];
    const app = await start({ store: { url, connections: { sales: further } } });
    const connections = app.get(SqlConnections);
    const sales = await connections.get('sales');
    expect(sales).not.toBe(await connections.get('store'));
    await expect(sales.execute('SELECT * FROM rookery_migrations')).rejects.toThrow(/rookery_migrations/);
    await expect(connections.get('nope')).rejects.toThrow(/no database "nope".*store, sales.*store.connections/);
    await expect(connections.get('toString')).rejects.toThrow(/no database/);
    await app.close();
  });

  it('close after everybody else, and stay closed', async () => {
    const url = await newUrl();
    const app = await start({ store: { url } });
    const connections = app.get(SqlConnections);
    const database = await connections.get('store');
    await app.close();
    await expect(database.execute('SELECT 1')).rejects.toThrow(/closed|after calling end/);
    await expect(connections.get('store')).rejects.toThrow(/shut down/);
    const again = await start({ store: { url } });
    const { rows } = await (await again.get(SqlConnections).get('store')).execute('SELECT * FROM last_words');
    expect(rows).toEqual([]);
    await again.close();
  });
});

describe('the adapters', () => {
  it('try a database again that could not be opened', async () => {
    const port = await freePort();
    const app = await start({ store: { url: `postgres://rookery@127.0.0.1:${port}/postgres` } });
    const connections = app.get(SqlConnections);
    await expect(connections.get('store')).rejects.toThrow(/ECONNREFUSED/);
    await expect(connections.get('store')).rejects.toThrow(/ECONNREFUSED/);
    await app.close();
  });

  it('have nothing of Redis unless it is configured', async () => {
    const app = await start({ store: { url: 'memory:' } });
    for (const token of [RedisConnection, SharedPorts, AttemptLimiter]) {
      expect(() => app.get<unknown>(token)).toThrow(/does not exist/);
    }
    await app.close();
  });

  it('share by Redis when it is, and end the connections with the application', async () => {
    const attempts = { maxPerMinute: 1, maxAddresses: 10 };
    const app = await start({ store: { url: 'memory:' }, redis: { url: redis.url }, attempts });
    expect(await putToken(await app.get(TokenStoreFactories).get('redis')?.())).toBe(true);
    await app.get(AttemptLimiter).failed('192.0.2.1');
    expect(await app.get(AttemptLimiter).waitMs('192.0.2.1')).toBeGreaterThan(50_000);
    expect(await app.get(SharedPorts).marks.claim('a', 60_000)).toBe(true);
    const connection = app.get(RedisConnection);
    await app.close();
    await expect(connection.check()).rejects.toThrow(/closed|writeable/);
  });

  it('refuse wrong options, with every fault and no secret', () => {
    const wrong = {
      store: { url: 'mysql://u:hunter22@h/d', poolSize: 0, connections: { store: 'memory:' }, extra: 1 },
      redis: { url: 'http://u:hunter22@h' },
    };
    expect(() => AdaptersModule.forRoot(wrong)).toThrow(/store\.url: must be file:/);
    expect(() => AdaptersModule.forRoot(wrong)).toThrow(/store\.poolSize/);
    expect(() => AdaptersModule.forRoot(wrong)).toThrow(/"extra"/);
    expect(() => AdaptersModule.forRoot(wrong)).not.toThrow(/hunter22/);
    expect(() => AdaptersModule.forRoot({ redis: wrong.redis })).toThrow(/redis\.url: must be redis:/);
  });
});
