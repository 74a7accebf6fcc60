import { describe, expect, it, vi } from 'vitest';
import type { Call } from '../core/index.js';
import { cacheBench, gate, principal, started } from './testing/cached.js';

describe('whose a result is', () => {
  const alice = principal('alice');

  it.each([
    ['another principal', principal('bob')],
    ['nobody', undefined],
    ['the same id of another issuer', principal('alice', { issuer: 'https://other' })],
    ['the same id of another tenant', principal('alice', { tenant: 'b' })],
    ['the same principal with another permission', principal('alice', { permissions: ['admin'] })],
    ['the same principal with another scope', principal('alice', { scopes: ['read'] })],
    ['the same principal with another attribute', principal('alice', { attributes: { clearance: 3 } })],
    ['the same principal on whose behalf another acts', principal('alice', { actor: 'agent' })],
  ])('[R1] is not that of %s', async (_who, other) => {
    const bench = cacheBench();
    const body = vi.fn<(call: Call) => unknown>((call) => call.principal?.id ?? 'nobody');
    const tool = bench.target({ cacheTtl: 5 }, body);
    await tool.call({}, { principal: alice });
    await tool.call({}, { principal: other });
    expect(body).toHaveBeenCalledTimes(2);
  });

  it('[R1] is that of the same principal with a new token, and with roles in another order', async () => {
    const bench = cacheBench();
    const body = vi.fn<() => unknown>(() => 1);
    const tool = bench.target({ cacheTtl: 5 }, body);
    await tool.call({}, { principal: principal('a', { roles: ['x', 'y'], attributes: { iat: 1, exp: 2, jti: 'a' } }) });
    await tool.call({}, { principal: principal('a', { roles: ['y', 'x'], attributes: { iat: 3, exp: 4, jti: 'b' } }) });
    expect(body).toHaveBeenCalledOnce();
  });

  it('[R1] is everybody’s when the tool says so', async () => {
    const bench = cacheBench();
    const body = vi.fn<() => unknown>(() => 1);
    const tool = bench.target({ cacheTtl: 5, cacheScope: 'shared' }, body);
    await tool.call({}, { principal: alice });
    await tool.call({}, { principal: principal('bob') });
    await tool.call();
    expect(body).toHaveBeenCalledOnce();
  });

  it('[R2] is not shared between principals while it is made', async () => {
    const bench = cacheBench();
    const { body, open, calls } = gate();
    const tool = bench.target({ cacheTtl: 5 }, body);
    const both = [tool.call({}, { principal: alice }), tool.call({}, { principal: principal('bob') })];
    await started(calls, 2);
    open();
    await Promise.all(both);
    expect(calls.map(({ principal: who }) => who?.id)).toEqual(['alice', 'bob']);
  });

  it.each<[string, object, object]>([
    ['another name', { cacheTtl: 5 }, { name: 'other' }],
    ['another name and the same cacheKey', { cacheKey: 'llm' }, { name: 'other' }],
    ['another declaration', { cacheTtl: 5 }, { options: { description: 'Changed.' } }],
    ['another kind', { cacheTtl: 5 }, { kind: 'prompt' }],
  ])('[R1] is not that of a target with %s', async (_what, policy, more) => {
    const bench = cacheBench();
    const body = vi.fn<() => unknown>(() => 1);
    await bench.target(policy, body).call();
    await bench.target(policy, body, more).call();
    expect(body).toHaveBeenCalledTimes(2);
  });

  it('[R1] is that of another tool on purpose only', async () => {
    const bench = cacheBench();
    const body = vi.fn<() => unknown>(() => 1);
    await bench.target({ cacheKey: { shared: 'llm' } }, body).call();
    await bench.target({ cacheKey: { shared: 'llm' } }, body, { name: 'other' }).call();
    expect(body).toHaveBeenCalledOnce();
  });

  it('[R1] cannot be read from a key', async () => {
    const bench = cacheBench();
    const keys: string[] = [];
    await bench.target({ cacheTtl: 5 }, () => 1).call({ password: 'hunter2' }, { principal: alice });
    bench.store.deleteWhere((key) => (keys.push(key), false));
    expect(keys).toEqual([expect.stringMatching(/^[\w-]{43}$/)]);
  });
});

describe('removing results', () => {
  const policy = { cacheTtl: 60, cacheTags: ['prices'], cacheKey: 'search' };

  it.each<[string, Parameters<ReturnType<typeof cacheBench>['cache']['invalidate']>[0], number]>([
    ['its tag', { tags: ['prices'] }, 2],
    ['its cacheKey', { tags: ['search'] }, 2],
    ['its name', { tool: 'echo' }, 2],
    ['another tag', { tags: ['stock'] }, 1],
    ['another name', { tool: 'other' }, 1],
    ['a prompt of its name', { prompt: 'echo' }, 1],
  ])('[R1] by %s', async (_what, invalidation, runs) => {
    const bench = cacheBench();
    const body = vi.fn<() => unknown>(() => 1);
    const tool = bench.target(policy, body);
    await tool.call();
    await bench.cache.invalidate(invalidation);
    expect(bench.store.size).toBe(2 - runs);
    await tool.call();
    expect(body).toHaveBeenCalledTimes(runs);
  });

  it('[R1] by clear(), which leaves what a team keeps', async () => {
    const bench = cacheBench();
    const body = vi.fn<() => unknown>(() => 1);
    const tool = bench.target(policy, body);
    await tool.call();
    bench.store.set('a team’s', 1);
    await bench.cache.clear();
    await tool.call();
    expect(body).toHaveBeenCalledTimes(2);
    expect(bench.store.get('a team’s')).toBe(1);
  });

  it('[R1] covers what is being made: it is neither kept nor joined', async () => {
    const bench = cacheBench();
    const { body, open, calls } = gate();
    const tool = bench.target(policy, body);
    const before = tool.call();
    await started(calls);
    await bench.cache.invalidate({ tool: 'echo' });
    const after = tool.call();
    await started(calls, 2);
    open();
    await Promise.all([before, after]);
    await tool.call();
    expect(calls).toHaveLength(2);
  });

  it('names something', async () => {
    await expect(cacheBench().cache.invalidate({})).rejects.toMatchObject({ code: 'invalid_arguments' });
  });
});
