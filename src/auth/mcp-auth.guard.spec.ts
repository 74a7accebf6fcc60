import 'reflect-metadata';
import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Module } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CallObservers, CoreModule, Telemetry, type RefusedAttempt } from '../core/index.js';
import { ApiKeys } from './api-keys/api-keys.js';
import { ApiKeyStore } from './api-keys/api-key-store.js';
import { InMemoryApiKeyStore } from './api-keys/in-memory-api-key-store.js';
import { AuthClock } from './auth-clock.js';
import { AuthModule, type AuthModuleOptions } from './auth.module.js';
import type { Authentication } from './door/authentication.js';
import { PrincipalMemory } from './door/principal-memory.js';
import { McpAuthGuard } from './mcp-auth.guard.js';

const KEY = 'a-key-of-the-reports-service';
const ADDRESS = '192.0.2.1';

const open: TestingModule[] = [];
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(open.splice(0).map((app) => app.close()));
});

interface Setup {
  readonly options?: AuthModuleOptions;
  readonly store?: ApiKeyStore;
}

async function setUp({ options = { apiKeys: { reports: { secret: KEY, roles: ['analyst'] } } }, store }: Setup = {}) {
  const clock = { time: Date.parse('2027-01-01T00:00:00Z') };
  @Module({ providers: store ? [{ provide: ApiKeyStore, useValue: store }] : [], exports: store ? [ApiKeyStore] : [] })
  class StoreModule {}
  const module = await Test.createTestingModule({
    imports: [CoreModule, { module: StoreModule, global: true }, AuthModule.forRoot(options)],
  })
    .overrideProvider(AuthClock)
    .useValue({ now: () => clock.time })
    .setLogger({ log: () => undefined, error: () => undefined, warn: () => undefined })
    .compile();
  await module.init();
  open.push(module);
  const refused: RefusedAttempt[] = [];
  module.get(CallObservers).add({ refused: (attempt) => refused.push(attempt) });
  const guard = module.get(McpAuthGuard);
  const bearer = (secret: string, address: string | undefined = ADDRESS) =>
    guard.authenticate({ headers: { authorization: `Bearer ${secret}` } }, address);
  const counted = () =>
    module
      .get(Telemetry)
      .samples()
      .filter(({ name }) => name === 'rookery_auth_attempts_total')
      .map(({ labels, value }) => `${labels['method']} ${labels['result']} ${value}`);
  return { module, guard, bearer, clock, refused, counted, memory: module.get(PrincipalMemory) };
}

const idOf = (found: Authentication) => (found.kind === 'authenticated' ? found.principal.id : found.kind);
const statusOf = (found: Authentication) => (found.kind === 'refused' ? found.status : found.kind);

describe('McpAuthGuard', () => {
  it('[A1] knows who presents a key, in either header', async () => {
    const { guard, bearer } = await setUp();
    expect(await bearer(KEY)).toEqual({
      kind: 'authenticated',
      principal: { id: 'reports', roles: ['analyst'], permissions: [], attributes: {} },
    });
    expect(idOf(await guard.authenticate({ headers: { 'x-api-key': KEY } }, ADDRESS))).toBe('reports');
    expect(idOf(await guard.authenticateSecret(KEY))).toBe('reports');
  });

  it('takes nobody for anonymous, and everybody where nothing is configured', async () => {
    const { guard } = await setUp();
    expect(guard.required).toBe(true);
    expect(guard.authenticate({ headers: {} }, ADDRESS)).toEqual({ kind: 'anonymous' });
    const without = await setUp({ options: {} });
    expect(without.guard.required).toBe(false);
    expect(without.bearer('anything')).toEqual({ kind: 'anonymous' });
  });

  it('[A5] looks for a credential in headers only', async () => {
    const { guard } = await setUp();
    const request = { headers: {}, url: `/mcp?access_token=${KEY}&api_key=${KEY}`, query: { access_token: KEY } };
    expect(guard.authenticate(request as unknown as IncomingMessage, ADDRESS)).toEqual({ kind: 'anonymous' });
  });

  it('answers at once, without a promise, to a credential that it knows', async () => {
    const { bearer, counted } = await setUp();
    expect(bearer(KEY)).toBeInstanceOf(Promise);
    await bearer(KEY);
    expect(bearer(KEY)).toMatchObject({ kind: 'authenticated' });
    expect(counted()).toContain('any remembered 1');
  });

  it('does not remember with the cache off, and remembers no more than it may', async () => {
    const apiKeys = Object.fromEntries([1, 2, 3, 4].map((n) => [`key-${n}`, { secret: `${KEY}-${n}` }]));
    const off = await setUp({ options: { apiKeys, principalCache: { enabled: false } } });
    await off.bearer(`${KEY}-1`);
    expect(off.bearer(`${KEY}-1`)).toBeInstanceOf(Promise);
    const { bearer, memory } = await setUp({ options: { apiKeys, principalCache: { maxEntries: 2 } } });
    for (const n of [1, 2]) await bearer(`${KEY}-${n}`);
    void bearer(`${KEY}-1`);
    await bearer(`${KEY}-3`);
    expect(memory.size).toBe(2);
    expect(bearer(`${KEY}-1`)).not.toBeInstanceOf(Promise);
    expect(bearer(`${KEY}-2`)).toBeInstanceOf(Promise);
  });

  it('forgets a credential when it ends', async () => {
    const { bearer, clock } = await setUp({
      options: { apiKeys: { reports: { secret: KEY, expiresAt: '2027-01-01T00:00:10Z' } } },
    });
    await bearer(KEY);
    clock.time += 9_999;
    expect(bearer(KEY)).not.toBeInstanceOf(Promise);
    clock.time += 1;
    expect(statusOf(await bearer(KEY))).toBe(401);
  });

  it('tells observers and metrics of a refusal, and why, without the credential', async () => {
    const { bearer, refused, counted } = await setUp({
      options: { apiKeys: { old: { secret: KEY, expiresAt: '2026-01-01T00:00:00Z' } } },
    });
    await bearer(KEY);
    await bearer('another-key-that-nobody-knows');
    expect(refused).toEqual([
      {
        kind: 'request',
        outcome: 'unauthenticated',
        remoteAddress: ADDRESS,
        reason: 'credential refused: expired (api_key)',
      },
      {
        kind: 'request',
        outcome: 'unauthenticated',
        remoteAddress: ADDRESS,
        reason: 'credential refused: unknown (api_key)',
      },
    ]);
    expect(counted()).toEqual(['api_key expired 1', 'api_key unknown 1']);
  });

  it('holds up an address that keeps failing, not others, and nobody that it knows', async () => {
    const { bearer, refused, clock } = await setUp({
      options: { apiKeys: { reports: { secret: KEY }, other: { secret: `${KEY}-2` } }, attempts: { maxPerMinute: 3 } },
    });
    await bearer(KEY);
    for (const wrong of ['one', 'two', 'three']) expect(statusOf(await bearer(`wrong-${wrong}`))).toBe(401);
    const held = await bearer(`${KEY}-2`);
    expect(held).toMatchObject({
      kind: 'refused',
      status: 429,
      code: 'rate_limited',
      headers: { 'retry-after': '60' },
    });
    expect(refused.at(-1)).toMatchObject({ outcome: 'rate_limited' });
    expect(idOf(await bearer(KEY))).toBe('reports');
    expect(idOf(await bearer(`${KEY}-2`, '192.0.2.2'))).toBe('other');
    clock.time += 60_000;
    expect(statusOf(await bearer('wrong'))).toBe(401);
  });

  it('does not count what succeeds', async () => {
    const apiKeys = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`k${n}`, { secret: `${KEY}-${n}` }]));
    const { bearer } = await setUp({ options: { apiKeys, attempts: { maxPerMinute: 1 } } });
    const found = await Promise.all(Object.keys(apiKeys).map(async (_, n) => bearer(`${KEY}-${n}`)));
    expect(found.map(idOf)).toEqual(Object.keys(apiKeys));
  });
});

describe('stored keys', () => {
  const options = { storedKeys: true, revocationSeconds: 5 };

  it('needs a store', async () => {
    await expect(setUp({ options })).rejects.toThrow('auth.storedKeys needs a store');
  });

  it('[A1] ends a revoked key within the configured seconds, in another process too', async () => {
    vi.useFakeTimers();
    const store = new InMemoryApiKeyStore();
    const { bearer, clock } = await setUp({ options, store });
    const keys = new ApiKeys(store, () => clock.time);
    const { key } = await keys.create({ id: 'ci', permissions: ['read'] });
    const wait = async (ms: number) => {
      clock.time += ms;
      await vi.advanceTimersByTimeAsync(ms);
    };
    await wait(2_500);
    expect(idOf(await bearer(key))).toBe('ci');
    await wait(10_000);
    expect(bearer(key)).not.toBeInstanceOf(Promise);
    await keys.revoke('ci');
    await wait(5_000);
    expect(statusOf(await bearer(key))).toBe(401);
  });

  it('[A1] lets two keys of one id in during a rotation, and the old one no longer', async () => {
    const store = new InMemoryApiKeyStore();
    const { bearer, clock } = await setUp({ options, store });
    const keys = new ApiKeys(store, () => clock.time);
    const first = await keys.create({ id: 'ci' });
    const second = await keys.rotate('ci', { overlapMs: 60_000 });
    expect(idOf(await bearer(first.key))).toBe('ci');
    expect(idOf(await bearer(second.key))).toBe('ci');
    clock.time += 60_000;
    expect(statusOf(await bearer(first.key))).toBe(401);
    expect(idOf(await bearer(second.key))).toBe('ci');
  });

  it('lets nobody in while the store is down, remembered ones for the revocation time at the most', async () => {
    const store = new InMemoryApiKeyStore();
    const { bearer, clock, refused, counted, memory } = await setUp({ options, store });
    const { key } = await new ApiKeys(store, () => clock.time).create({ id: 'ci' });
    await memory.refresh();
    await bearer(key);
    const down = () => Promise.reject(new Error('connection refused'));
    store.find = down;
    store.revision = down;
    clock.time += 4_999;
    await memory.refresh();
    expect(idOf(await bearer(key))).toBe('ci');
    clock.time += 1;
    expect(await bearer(key)).toMatchObject({ status: 503, code: 'overloaded', headers: { 'retry-after': '5' } });
    expect(refused.at(-1)?.reason).toBe('credential refused: unavailable (api_key)');
    expect(counted()).toContain('api_key unavailable 1');
  });

  it('does not remember what was found out before a revocation was heard of', async () => {
    const store = new InMemoryApiKeyStore();
    const { bearer, clock, memory } = await setUp({ options, store });
    const keys = new ApiKeys(store, () => clock.time);
    const { key } = await keys.create({ id: 'ci' });
    await memory.refresh();
    const found = await store.find(hash('sha256', key, 'hex'));
    let answer: (() => void) | undefined;
    store.find = () => new Promise((resolve) => (answer = () => resolve(found)));
    const slow = bearer(key);
    await vi.waitFor(() => expect(answer).toBeDefined());
    await keys.revoke('ci');
    await memory.refresh();
    answer?.();
    await slow;
    expect(memory.size).toBe(0);
  });

  it('finds configured keys while the store is down', async () => {
    const store = new InMemoryApiKeyStore();
    store.find = () => Promise.reject(new Error('connection refused'));
    const { bearer } = await setUp({ options: { ...options, apiKeys: { reports: { secret: KEY } } }, store });
    expect(idOf(await bearer(KEY))).toBe('reports');
  });
});

describe('several servers in one process', () => {
  it('each know their own credentials, also when one of them is closed', async () => {
    const [one, two] = await Promise.all([
      setUp({ options: { apiKeys: { first: { secret: `${KEY}-1` } } } }),
      setUp({ options: { apiKeys: { second: { secret: `${KEY}-2` } } } }),
    ]);
    expect(idOf(await one.bearer(`${KEY}-1`))).toBe('first');
    expect(statusOf(await one.bearer(`${KEY}-2`))).toBe(401);
    expect(statusOf(await two.bearer(`${KEY}-1`))).toBe(401);
    await open.shift()?.close();
    expect(idOf(await two.bearer(`${KEY}-2`))).toBe('second');
  });
});
