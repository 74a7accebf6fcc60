import { describe, expect, it } from 'vitest';
import { cacheOptions, cacheRedisUrl } from './cache.options.js';

const faultsOf = (given: unknown): readonly string[] =>
  cacheOptions.safeParse(given).error?.issues.map(({ path }) => path.join('.')) ?? [];

describe('the section cache', () => {
  it('has the defaults of the guide', () => {
    expect(cacheOptions.parse({})).toEqual({
      enabled: true,
      backend: 'memory',
      defaultTtl: 300,
      maxSize: 1000,
      cleanupInterval: 60,
      maxEntryBytes: 1_048_576,
      timeoutMs: 100,
    });
  });

  it.each([
    ['backend', 'memcached'],
    ['defaultTtl', -1],
    ['maxSize', -1],
    ['maxSize', 0],
    ['cleanupInterval', -1],
    ['maxEntryBytes', -1],
    ['timeoutMs', -1],
    ['redisUrl', 'http://localhost'],
  ])('refuses %s: %s', (key, value) => {
    expect(faultsOf({ [key]: value })).toEqual([key]);
  });

  it.each([
    [{ enableCaching: false }, false],
    [{ enableCaching: true, enabled: true }, true],
    [{ enabled: false }, false],
  ])('means the same by either name of the guide and its own: %j', (given, enabled) => {
    expect(cacheOptions.parse(given)).toMatchObject({ enabled });
  });

  it('refuses two names that disagree, and names both', () => {
    const { error } = cacheOptions.safeParse({ enabled: true, enableCaching: false });
    expect(error?.issues).toMatchObject([
      { path: ['enableCaching'], message: 'says false, and enabled, which means the same, true; keep one of them' },
    ]);
  });

  it('refuses a key that it does not know', () => {
    expect(faultsOf({ ttl: 1 })).toHaveLength(1);
  });
});

describe('the Redis of the cache', () => {
  const url = 'redis://:hunter2@one:6379';

  it.each([
    [url, undefined],
    [undefined, url],
    [url, url],
  ])('is named by either key', (redisUrl, shared) => {
    expect(cacheRedisUrl({ backend: 'redis', redisUrl }, shared)).toBe(url);
  });

  it('is not two: both keys are named, and no password', () => {
    const disagreeing = (): unknown => cacheRedisUrl({ backend: 'memory', redisUrl: url }, 'redis://two:6379');
    expect(disagreeing).toThrow(/cache\.redisUrl and redis\.url/);
    expect(disagreeing).not.toThrow(/hunter2/);
  });

  it('must be named where it is asked for', () => {
    expect(() => cacheRedisUrl({ backend: 'redis' }, undefined)).toThrow(/cache\.backend.*redis\.url/);
  });
});
