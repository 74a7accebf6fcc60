import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  AdapterSqlConnections,
  RedisTokenStore,
  SqlTokenStore,
  openRedis,
  redisOptions,
  storeOptions,
} from '../../src/adapters/index.js';
import type { TokenStore } from '../../src/auth/oauth/token-store.js';
import { InMemoryTelemetry } from '../../src/core/index.js';
import { ClientBench, person, startAuthorizationServer, type TestAuthorizationServer } from '../support/oidc/index.js';
import { startRedis, type RedisServer } from '../support/servers/index.js';
import { TemporaryFiles } from '../support/servers/temporary-files.js';

const ALICE = person('alice');
const KEYS = ['a key of this test, of thirty-two characters'];
const HOUR_MS = 3_600_000;

let server: TestAuthorizationServer;
let redis: RedisServer;
const files = new TemporaryFiles();
const open: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  Logger.overrideLogger(false);
  server = await startAuthorizationServer();
  redis = await startRedis();
}, 300_000);

afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

afterAll(async () => {
  await redis.stop();
  await server.stop();
  await files.remove();
});

/** A store on a connection of its own, as each process has it. */
const BACK_ENDS: readonly (readonly [string, () => Promise<() => Promise<TokenStore>>])[] = [
  [
    'Redis',
    async () => async () => {
      const { url: _url, ...options } = redisOptions.parse({});
      const connection = await openRedis(redis.url, options, new InMemoryTelemetry());
      open.push(async () => connection.onApplicationShutdown());
      return new RedisTokenStore(connection);
    },
  ],
  [
    'the database',
    async () => {
      const url = `file:${await files.path('store.db')}`;
      return async () => {
        const connections = new AdapterSqlConnections(storeOptions.parse({ url }), new InMemoryTelemetry());
        open.push(() => connections.onApplicationShutdown());
        return new SqlTokenStore(connections);
      };
    },
  ],
];

describe.each(BACK_ENDS)('[A4] processes that keep tokens in %s', (_name, prepare) => {
  let benches: readonly ClientBench[];

  beforeEach(async () => {
    const connect = await prepare();
    const stores = await Promise.all([connect(), connect(), connect()]);
    benches = stores.map((store) => new ClientBench(server, { store, keys: KEYS }));
    server.tokenRequests.length = 0;
  });

  it('finish a consent that another one began, once, refresh once together, and forget together', async () => {
    const [first, second, third] = benches as readonly [ClientBench, ClientBench, ClientBench];
    const url = await first.client.authorizationUrl({ principal: ALICE });
    const answer = await first.answerOf(url);
    const finished = await Promise.allSettled([second.client.callback(answer), third.client.callback(answer)]);
    expect(finished.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const token = await first.client.accessToken({ principal: ALICE });

    for (const bench of benches) bench.ahead = HOUR_MS;
    const asking = benches.flatMap(({ client }) =>
      Array.from({ length: 7 }, () => client.accessToken({ principal: ALICE })),
    );
    const tokens = new Set(await Promise.all(asking));
    expect(tokens.size).toBe(1);
    expect(tokens.has(token)).toBe(false);
    expect(server.tokenRequests.filter(({ grant }) => grant === 'refresh_token').length).toBe(1);

    expect(await first.client.forget(ALICE)).toBe(true);
    expect(await second.client.forget(ALICE)).toBe(false);
  });
});
