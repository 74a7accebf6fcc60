/**
 * One of several processes that share the limits in a Redis: makes calls, so many at once, and prints how many it made
 * and how many of them were allowed. It goes on until both the calls are made and the time has passed. Arguments: the
 * URL, the calls, how many at once, the limit requests as JSON, the least time in milliseconds.
 */
import { openRedis, redisOptions } from '../../../src/adapters/index.js';
import { RedisLimitStore } from '../../../src/adapters/redis/limits/redis-limit-store.js';
import { InMemoryTelemetry } from '../../../src/core/index.js';
import type { LimitRequest } from '../../../src/resilience/index.js';

const [url = '', calls = '0', atOnce = '1', requests = '[]', leastMs = '0'] = process.argv.slice(2);
const connection = await openRedis(url, redisOptions.parse({ commandTimeoutMs: 20_000 }), new InMemoryTelemetry());
const store = new RedisLimitStore(connection);
const limits = JSON.parse(requests) as readonly LimitRequest[];

let made = 0;
let allowed = 0;
const end = performance.now() + Number(leastMs);
const caller = async (): Promise<void> => {
  while (made < Number(calls) || performance.now() < end) {
    made++;
    if ((await store.take(limits)).allowed) allowed++;
  }
};
await Promise.all(Array.from({ length: Number(atOnce) }, caller));
connection.onApplicationShutdown();
process.stdout.write(`${JSON.stringify({ made, allowed })}\n`);
