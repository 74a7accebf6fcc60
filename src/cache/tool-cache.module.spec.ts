import { CACHE_MANAGER, type Cache } from '@nestjs/cache-manager';
import { Inject, Injectable } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { CoreModule, PolicyKeys } from '../core/index.js';
import { CacheOptions } from './cache.options.js';
import { ToolCache } from './tool-cache.js';
import { ToolCacheInterceptor } from './tool-cache.interceptor.js';
import { ToolCacheModule, type ToolCacheExtras, type ToolCacheModuleOptions } from './tool-cache.module.js';

@Injectable()
class TeamService {
  constructor(@Inject(CACHE_MANAGER) readonly cache: Cache) {}
}

const opened: TestingModule[] = [];

async function start(options: ToolCacheModuleOptions & ToolCacheExtras = {}): Promise<TestingModule> {
  const module = await Test.createTestingModule({
    imports: [CoreModule, ToolCacheModule.forRoot(options)],
    providers: [TeamService],
  }).compile();
  opened.push(module);
  return module;
}

afterEach(async () => {
  await Promise.all(opened.splice(0).map((module) => module.close()));
});

describe('ToolCacheModule', () => {
  it('gives a team the cache manager, on the store of the server', async () => {
    const module = await start({ maxSize: 2, defaultTtl: 30 });
    await module.init();
    const { cache } = module.get(TeamService);
    const value = { a: 1 };
    await cache.set('mine', value);
    expect(await cache.get('mine')).toBe(value);
    expect(((await cache.ttl('mine')) as number) - Date.now()).toBeGreaterThan(29_000);
    await cache.set('b', 1);
    await cache.set('c', 1);
    expect(await cache.get('b')).toBeUndefined();
    expect(module.get(ToolCache).status()).toMatchObject({ entries: 2, maxSize: 2, enabled: true });
    expect(module.get(ToolCacheInterceptor)).toBeInstanceOf(ToolCacheInterceptor);
    expect(module.get(CacheOptions)).toMatchObject({ defaultTtl: 30, cleanupInterval: 60 });
  });

  it('defines what targets may ask of it', async () => {
    const keys = (await start()).get(PolicyKeys);
    expect(keys.faultsOf({ cacheTtl: 5, cacheKey: 'a', cacheScope: 'shared', cacheTags: ['a'] })).toEqual([]);
  });

  it.each<[string, object, RegExp]>([
    ['an unknown back end', { backend: 'memcached' }, /cache\.backend/],
    ['a negative time', { defaultTtl: -1 }, /cache\.defaultTtl/],
    ['Redis without a URL', { backend: 'redis' }, /cache\.backend.*redis\.url/],
    [
      'two Redises',
      { redisUrl: 'redis://one', redis: { url: 'redis://two' } },
      /cache\.redisUrl and redis\.url name different/,
    ],
    ['Redis with nothing to open it', { backend: 'redis', redisUrl: 'redis://one' }, /storeFactory/],
  ])('refuses to start with %s', async (_what, options, message) => {
    await expect(start(options)).rejects.toThrow(message);
  });
});
