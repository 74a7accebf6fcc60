import { createHash } from 'node:crypto';
import {
  AttemptLimiter,
  InMemoryAttemptLimiter,
  answeredWithin,
  clientNetwork,
  type AttemptLimits,
  type Telemetry,
} from '../../core/index.js';
import type { RedisConnection } from './redis-connection.js';
import { RedisScript } from './redis-script.js';

const WINDOW_MS = 60_000;
const NETWORK_GROUPS = 1024;
/**
 * How long a caller waits for Redis at the door. It is taken from the time that its call has, and is less than what an
 * answer may take beyond that: also a call whose deadline is sooner is answered within 100 ms of it.
 */
const WAIT_AT_MOST_MS = 75;

/** Redis's clock, as that of the processes may differ. */
const NOW = `local time = redis.call('TIME'); local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/** KEYS: who failed when, the client's failures, its group's. ARGV: the client, failures and addresses allowed. */
const FAILED = new RedisScript(`
  ${NOW}
  redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ${WINDOW_MS})
  local key = KEYS[3]
  if redis.call('ZSCORE', KEYS[1], ARGV[1]) or redis.call('ZCARD', KEYS[1]) < tonumber(ARGV[3]) then
    redis.call('ZADD', KEYS[1], now, ARGV[1])
    redis.call('PEXPIRE', KEYS[1], ${WINDOW_MS})
    key = KEYS[2]
  end
  redis.call('RPUSH', key, string.format('%.0f', now))
  redis.call('LTRIM', key, -tonumber(ARGV[2]), -1)
  redis.call('PEXPIRE', key, ${WINDOW_MS})
  return 1
`);

const WAIT = new RedisScript(`
  ${NOW}
  local key = KEYS[2]
  if tonumber(redis.call('ZSCORE', KEYS[1], ARGV[1]) or 0) <= now - ${WINDOW_MS} then
    if redis.call('ZCOUNT', KEYS[1], now - ${WINDOW_MS} + 1, '+inf') < tonumber(ARGV[3]) then return 0 end
    key = KEYS[3]
  end
  local decisive = redis.call('LINDEX', key, -tonumber(ARGV[2]))
  if not decisive then return 0 end
  return math.max(0, tonumber(decisive) + ${WINDOW_MS} - now)
`);

/**
 * Counts failed attempts in Redis, for all processes that share it: the same limits as {@link InMemoryAttemptLimiter},
 * whichever process is asked.
 *
 * Each process counts its own failures too. While Redis is away, or takes more than 75 ms, those decide
 * alone, so nobody is let through unlimited; each such decision is counted in `rookery_attempt_limits_local_total`.
 */
export class RedisAttemptLimiter extends AttemptLimiter {
  readonly #local: InMemoryAttemptLimiter;
  readonly #alone;

  /** @param waitAtMostMs - how long a caller is kept waiting for Redis, in milliseconds */
  constructor(
    private readonly connection: RedisConnection,
    private readonly limits: AttemptLimits,
    telemetry: Telemetry,
    private readonly waitAtMostMs = WAIT_AT_MOST_MS,
  ) {
    super();
    this.#local = new InMemoryAttemptLimiter(limits);
    this.#alone = telemetry
      .counter({
        name: 'rookery_attempt_limits_local_total',
        help: 'Failed attempts that were judged or counted by this process alone, as Redis did not answer.',
      })
      .bind({});
  }

  override async waitMs(address: string): Promise<number> {
    const local = this.#local.waitMs(address);
    const shared = Number(await this.#shared(WAIT, address, this.waitAtMostMs));
    return Math.max(local, shared);
  }

  override async failed(address: string): Promise<void> {
    this.#local.failed(address);
    await this.#shared(FAILED, address);
  }

  /** What Redis says; 0 when it says nothing, or not within this time where there is one. */
  async #shared(script: RedisScript, address: string, withinMs?: number): Promise<unknown> {
    const { client, network } = clientNetwork(address);
    const group = createHash('sha256').update(network).digest().readUInt32BE() % NETWORK_GROUPS;
    const keys = ['attempts', `attempts:client:${client}`, `attempts:group:${group}`];
    const { maxPerMinute, maxAddresses } = this.limits;
    try {
      const answer = this.connection.run(
        async (redis) => await script.run(redis, keys, [client, maxPerMinute, maxAddresses]),
      );
      if (withinMs === undefined) return await answer;
      return await answeredWithin(answer, withinMs, () => new Error(`Redis did not answer within ${withinMs} ms.`));
    } catch {
      // The connection counts and logs why.
      this.#alone.add(1);
      return 0;
    }
  }
}
