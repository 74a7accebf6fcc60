import type { Telemetry } from '../../core/index.js';
import { optionalPackage } from '../optional-package.js';
import type { RedisOptions } from '../redis.options.js';
import { RedisConnection } from './redis-connection.js';

const LONGEST_PAUSE_MS = 500;

/**
 * Opens the connection of the section `redis`, and waits for the first attempt only: a server starts without its Redis,
 * and uses it once it is there.
 *
 * @throws Error saying what to install, when `ioredis` is missing.
 */
export async function openRedis(
  url: string,
  { connectTimeoutMs, commandTimeoutMs, keyPrefix }: Omit<RedisOptions, 'url'>,
  telemetry: Telemetry,
): Promise<RedisConnection> {
  const { Redis } = await optionalPackage('ioredis', 'redis.url', async () => await import('ioredis'));
  const redis = new Redis(url, {
    keyPrefix,
    lazyConnect: true,
    connectTimeout: connectTimeoutMs,
    // Bytes that never come although a command waits for them: the other end is gone without a word.
    socketTimeout: commandTimeoutMs * 2,
    // Without Redis a command fails at once, rather than wait in a queue that grows.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    // ioredis leaves the failure of its own resubscribing unhandled.
    autoResubscribe: false,
    retryStrategy: (attempt) => Math.min(2 ** attempt * 10, LONGEST_PAUSE_MS),
    connectionName: 'rookery',
  });
  const errors = telemetry.counter({
    name: 'rookery_redis_errors_total',
    help: 'Failures of Redis: of a connection to it, or of a command.',
    labels: ['kind'],
  });
  const connection = new RedisConnection(redis, keyPrefix, commandTimeoutMs, errors);
  await connection.connect();
  return connection;
}
