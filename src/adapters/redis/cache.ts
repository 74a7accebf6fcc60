import type { KeyvStoreAdapter } from 'keyv';
import { CacheStoreFactory, type CacheStoreSettings } from '../../cache/index.js';
import { optionalPackage } from '../optional-package.js';

const CONNECT_TIMEOUT_MS = 500;
const PING_MS = 1_000;
/** A connection that says nothing for longer, although it is asked every second, is dead. */
const SILENCE_MS = 2_000;
const LONGEST_PAUSE_MS = 500;
/** Commands that may wait for a Redis that does not answer. */
const LONGEST_QUEUE = 10_000;

/**
 * Keeps cached results in Redis, by `@keyv/redis`. Nothing waits for a Redis that is away: commands fail at once, and
 * the connection is made again by itself, within a second of its return.
 */
export class RedisCacheStoreFactory extends CacheStoreFactory {
  /** @throws Error saying what to install, when `@keyv/redis` is missing. */
  override async open({ url, keyPrefix }: CacheStoreSettings): Promise<KeyvStoreAdapter> {
    const { default: KeyvRedis, createClient } = await optionalPackage(
      '@keyv/redis',
      'cache.backend',
      async () => await import('@keyv/redis'),
    );
    const client = createClient({
      url,
      name: 'rookery-cache',
      // By default commands wait for ever in a queue while Redis is away.
      disableOfflineQueue: true,
      commandsQueueMaxLength: LONGEST_QUEUE,
      pingInterval: PING_MS,
      socket: {
        connectTimeout: CONNECT_TIMEOUT_MS,
        socketTimeout: SILENCE_MS,
        reconnectStrategy: (attempt) => Math.min(2 ** attempt * 10, LONGEST_PAUSE_MS),
      },
    });
    let ended = false;
    class EndingKeyvRedis extends KeyvRedis<unknown> {
      /** By default a store that was closed connects again when it is asked. */
      override getClient(): ReturnType<(typeof KeyvRedis.prototype)['getClient']> {
        return ended ? Promise.reject(new Error('The cache is closed.')) : super.getClient();
      }

      /** By default it waits for answers that a frozen Redis never gives. */
      override disconnect(): Promise<void> {
        ended = true;
        if (client.isOpen) client.destroy();
        return Promise.resolve();
      }
    }
    const store = new EndingKeyvRedis(client, {
      namespace: keyPrefix,
      throwOnErrors: true,
      throwOnConnectError: true,
      connectionTimeout: CONNECT_TIMEOUT_MS,
    });
    await firstAttempt(client);
    return store;
  }
}

interface Connecting {
  connect(): Promise<unknown>;
  once(event: 'error', listener: (error: unknown) => void): unknown;
}

/** The start waits for one attempt; the client goes on trying by itself. */
async function firstAttempt(client: Connecting): Promise<void> {
  await new Promise<void>((resolve) => {
    const attempted = (): void => resolve();
    const timer = setTimeout(attempted, CONNECT_TIMEOUT_MS);
    client.once('error', attempted);
    client
      .connect()
      // What is wrong comes as an event, too.
      .catch(() => undefined)
      .finally(() => {
        clearTimeout(timer);
        resolve();
      });
  });
}
