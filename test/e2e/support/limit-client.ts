/**
 * One of several processes that share the limits in a Redis: makes calls, so many at once, and prints how many were
 * allowed. Arguments: the URL, the calls, how many at once, the limit requests as JSON.
 */
import { openRedis, redisOptions } from '../../../src/adapters/index.js';
import { RedisLimitStore } from '../../../src/adapters/redis/limits/redis-limit-store.js';
import { InMemoryTelemetry } from '../../../src/core/index.js';
import type { LimitRequest } from '../../../src/resilience/index.js';

const [url = '', calls = '0', atOnce = '1', requests = '[]'] = process.argv.slice(2);
const connection = await openRedis(url, redisOptions.parse({ commandTimeoutMs: 20_000 }), new InMemoryTelemetry());
const store = new RedisLimitStore(connection);
const limits = JSON.parse(requests) as readonly LimitRequest[];

let left = Number(calls);
let allowed = 0;
const caller = async (): Promise<void> => {
  while (left-- > 0) if ((await store.take(limits)).allowed) allowed++;
};
await Promise.all(Array.from({ length: Number(atOnce) }, caller));
connection.onApplicationShutdown();
process.stdout.write(`${JSON.stringify({ allowed })}\n`);
