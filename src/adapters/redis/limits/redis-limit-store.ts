import {
  ALLOWED,
  LimitStore,
  type LimitRequest,
  type LimitUsage,
  type LimitVerdict,
} from '../../../resilience/index.js';
import type { RedisConnection } from '../redis-connection.js';
import { RedisScript } from '../redis-script.js';

const US_PER_MS = 1000;

/** Redis's clock in microseconds, as those of the processes may differ. A double holds them exactly until 2255. */
const NOW = `local time = redis.call('TIME'); local now = time[1] * 1000000 + time[2]`;

/**
 * KEYS: the times of the last calls of each request, oldest first. ARGV: for each request how many rules it has, then
 * for each of those its limit and its window in microseconds.
 *
 * A rule has room unless as many calls as its limit are in its window, and the oldest of those is found by its place.
 * Times far in the future are those of a clock that was set back; they are forgotten.
 */
const TAKE = new RedisScript(`
  ${NOW}
  local wait, request, rule = 0, 0, 0
  local most, longest = {}, {}
  local at = 1
  for i, key in ipairs(KEYS) do
    local rules = tonumber(ARGV[at])
    at = at + 1
    most[i], longest[i] = 0, 0
    for r = 1, rules do
      local limit, window = tonumber(ARGV[at]), tonumber(ARGV[at + 1])
      at = at + 2
      most[i] = math.max(most[i], limit)
      longest[i] = math.max(longest[i], window)
      local decisive = redis.call('LINDEX', key, -limit)
      local left = decisive and tonumber(decisive) + window - now or 0
      if left > 2 * window then
        redis.call('DEL', key)
        left = 0
      end
      if left > wait then wait, request, rule = left, i, r end
    end
  end
  if wait > 0 then return { wait, request, rule } end
  for i, key in ipairs(KEYS) do
    redis.call('RPUSH', key, string.format('%.0f', now))
    redis.call('LTRIM', key, -most[i], -1)
    redis.call('PEXPIRE', key, math.ceil(longest[i] / 1000))
  end
  return { 0 }
`);

/** As {@link TAKE}; answers with the calls in the window of each rule, found by halving. */
const USAGE = new RedisScript(`
  ${NOW}
  local used = {}
  local at = 1
  for _, key in ipairs(KEYS) do
    local rules = tonumber(ARGV[at])
    at = at + 1
    local length = redis.call('LLEN', key)
    for _ = 1, rules do
      local window = tonumber(ARGV[at + 1])
      at = at + 2
      local low, high = 0, length
      while low < high do
        local middle = math.floor((low + high + 1) / 2)
        if tonumber(redis.call('LINDEX', key, -middle)) + window > now then low = middle else high = middle - 1 end
      end
      used[#used + 1] = low
    end
  end
  return used
`);

/**
 * Limits that hold over all processes that share a Redis: exact, by Redis's own clock, in one round trip for all limits
 * of a call.
 *
 * Each caller takes about 12 bytes a call of his largest limit, for as long as the longest window. All keys of a call
 * must be on one Redis: in a cluster, put a hash tag into `redis.keyPrefix`.
 */
export class RedisLimitStore extends LimitStore {
  constructor(private readonly connection: RedisConnection) {
    super();
  }

  override async take(requests: readonly LimitRequest[]): Promise<LimitVerdict> {
    const [wait = 0, request = 0, rule = 0] = await this.#run(TAKE, requests);
    if (wait === 0) return ALLOWED;
    return { allowed: false, retryAfterMs: wait / US_PER_MS, request: request - 1, rule: rule - 1 };
  }

  override async usage(requests: readonly LimitRequest[]): Promise<LimitUsage> {
    const used = await this.#run(USAGE, requests);
    let at = 0;
    return requests.map(({ rules }) => rules.map(() => used[at++] ?? 0));
  }

  #run(script: RedisScript, requests: readonly LimitRequest[]): Promise<readonly number[]> {
    const keys = requests.map(({ key }) => `limit:${key}`);
    const values = requests.flatMap(({ rules }) => [
      rules.length,
      ...rules.flatMap(({ limit, windowMs }) => [limit, Math.round(windowMs * US_PER_MS)]),
    ]);
    return this.connection.run(async (redis) => (await script.run(redis, keys, values)) as readonly number[]);
  }
}
