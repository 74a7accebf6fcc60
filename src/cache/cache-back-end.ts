import { Keyv } from 'keyv';
import type { Counter } from '../core/index.js';
import { cacheRedisUrl, type CacheOptions } from './cache.options.js';
import type { CacheStoreFactory } from './cache-store-factory.js';
import { LocalResults } from './local-results.js';
import { MemoryCacheStore } from './memory-cache-store.js';
import type { ResultStore } from './result-store.js';
import { SharedResults } from './shared-results.js';

/** The store of this server, as the cache manager and as the results of tools use it. */
export abstract class CacheBackEnd {
  /** For `CACHE_MANAGER`: misses when its store fails. */
  abstract readonly keyv: Keyv;
  abstract readonly results: ResultStore;
  /** Where it is in this process. */
  abstract readonly memory: MemoryCacheStore | undefined;
}

/** The Redis of the server, as its section `redis` says. */
export interface SharedRedis {
  readonly url?: string | undefined;
  /** @default 'rookery:' */
  readonly keyPrefix?: string | undefined;
}

/** What the back end is opened with besides its options. */
export interface BackEndParts {
  readonly server: string;
  readonly redis: SharedRedis | undefined;
  readonly storeFactory: CacheStoreFactory | undefined;
  readonly errors: Counter;
}

/** @throws Error naming the key, when the options contradict the section `redis`, or there is nothing to open Redis with. */
export async function openBackEnd(options: CacheOptions, parts: BackEndParts): Promise<CacheBackEnd> {
  const url = cacheRedisUrl(options, parts.redis?.url);
  return options.backend === 'memory' || url === undefined ? inMemory(options) : await inRedis(url, options, parts);
}

function inMemory({ maxSize }: CacheOptions): CacheBackEnd {
  const memory = new MemoryCacheStore({ maxSize });
  const keyv = new Keyv({ store: memory, useKeyPrefix: false });
  // Values stay what they are, as in cache-manager's own memory.
  keyv.serialize = undefined;
  keyv.deserialize = undefined;
  return { keyv, results: new LocalResults(memory), memory };
}

async function inRedis(url: string, options: CacheOptions, parts: BackEndParts): Promise<CacheBackEnd> {
  const { server, redis, storeFactory, errors } = parts;
  if (storeFactory === undefined) {
    throw new Error(
      'cache.backend is "redis", and nothing opens it: give ToolCacheModule.forRoot() a `storeFactory` (RedisCacheStoreFactory).',
    );
  }
  const { timeoutMs } = options;
  const namespace = `${redis?.keyPrefix ?? 'rookery:'}cache`;
  const store = await storeFactory.open({ url, keyPrefix: namespace, timeoutMs });
  const teams = new Keyv({ store, namespace, useKeyPrefix: false });
  const ours = new Keyv({ store, namespace, useKeyPrefix: false, throwOnErrors: true });
  // Whatever fails in the store, also its connection while nobody asks; both of its users are told of each.
  const failed = errors.bind({ reason: 'store' });
  teams.on('error', () => failed.add(1));
  ours.on('error', () => undefined);
  return { keyv: teams, results: new SharedResults(ours, { timeoutMs, server, errors }), memory: undefined };
}
