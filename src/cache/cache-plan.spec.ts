import { CacheKey, CacheTTL } from '@nestjs/cache-manager';
import { describe, expect, it } from 'vitest';
import { PolicyKeys, type Policy, type Target, type TargetMethod } from '../core/index.js';
import { cacheFaults, cachePlanOf } from './cache-plan.js';
import { defineCachePolicyKeys } from './cache-policy.js';
import { targetOf, type TargetParts } from './testing/cached.js';

class Decorated {
  @CacheTTL(1_500)
  @CacheKey('prices')
  both(): void {}

  @CacheTTL(0)
  never(): void {}

  @CacheTTL(() => 5)
  computed(): void {}

  @CacheKey('')
  nameless(): void {}
}

function decorated(methodName: keyof Decorated, policy: Policy = {}): Target {
  const { [methodName]: handler } = Decorated.prototype;
  const origin = { type: Decorated, methodName, handler };
  return { ...targetOf(policy), origin, body: {} as TargetMethod };
}

describe('what a target asks of the cache', () => {
  it('may be said by the decorators of @nestjs/cache-manager', () => {
    expect(cachePlanOf(decorated('both'), 300)).toMatchObject({
      ttlMs: 1_500,
      namespace: 'prices',
      scope: 'principal',
    });
    expect(cachePlanOf(decorated('never'), 300)).toBeUndefined();
  });

  it.each<[string, Target, RegExp]>([
    ['twice', decorated('both', { cacheTtl: 1 }), /"cacheTtl" and @CacheTTL\(\)/],
    ['twice', decorated('both', { cacheKey: 'a' }), /"cacheKey" and @CacheKey\(\)/],
    ['by a function of a request', decorated('computed'), /@CacheTTL\(\).*milliseconds/],
    ['by an empty name', decorated('nameless'), /@CacheKey\(\).*name/],
  ])('is refused when it is said %s', (_how, target, fault) => {
    expect(cacheFaults(target)).toEqual([expect.stringMatching(fault)]);
    expect(() => cachePlanOf(target, 300)).toThrow(/^Decorated\./);
  });

  const writes = { options: { annotations: { readOnlyHint: false } } };

  it.each<[string, Policy, TargetParts, RegExp]>([
    ['a tool that changes things', { cacheTtl: 5 }, writes, /readOnlyHint: false.*cacheWrites: true/],
    ['a tool that changes things, by its key', { cacheKey: 'a' }, writes, /readOnlyHint: false/],
    ['a tool whose calls become tasks', { cacheTtl: 5 }, { task: 'optional' }, /"task"/],
    ['tags of what is not cached', { cacheTags: ['a'] }, {}, /"cacheTags" without/],
  ])('is refused of %s', (_what, policy, parts, fault) => {
    expect(cacheFaults(targetOf(policy, parts))).toEqual([expect.stringMatching(fault)]);
  });

  it.each<[string, Policy, TargetParts]>([
    ['says that writes are meant', { cacheTtl: 5, cacheWrites: true }, writes],
    ['never caches', { cacheTtl: 0 }, writes],
    ['only reads', { cacheTtl: 5 }, { options: { annotations: { readOnlyHint: true } } }],
    ['does not say', { cacheTtl: 5 }, { options: { annotations: {} } }],
    ['only completes for one that is refused', { cacheTtl: 5 }, { ...writes, kind: 'completion' }],
  ])('is fine of a tool that %s', (_what, policy, parts) => {
    expect(cacheFaults(targetOf(policy, parts))).toEqual([]);
  });

  it.each<[keyof Policy, unknown]>([
    ['cacheTtl', -1],
    ['cacheTtl', '5'],
    ['cacheTtl', Infinity],
    ['cacheKey', ''],
    ['cacheKey', { name: 'a' }],
    ['cacheScope', 'tenant'],
    ['cacheTags', ['']],
    ['cacheWrites', 'yes'],
  ])('is refused as %s: %j', (key, value) => {
    const keys = new PolicyKeys();
    defineCachePolicyKeys(keys);
    expect(keys.faultsOf({ [key]: value })).toEqual([expect.stringContaining(`"${key}"`)]);
  });
});
