import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { answeredWithin, redactText, type Counter } from '../../core/index.js';

/**
 * The connection to Redis that this server has. Whatever happens to Redis, a command ends within
 * `redis.commandTimeoutMs`, and a lost connection is made again within about a second.
 *
 * Commands that were not answered are not sent again, as they may have been done. Every failure is counted in
 * `rookery_redis_errors_total`; those who use Redis decide what a failure means.
 */
export class RedisConnection implements OnApplicationShutdown {
  readonly #logger = new Logger('Redis');
  readonly #commandErrors;
  readonly #connectionErrors;
  /** Whether the connection's state was last logged as good: an outage is one line, not one for every attempt. */
  #well = true;
  readonly #further: Redis[] = [];

  constructor(
    private readonly redis: Redis,
    /** What keys begin with; ioredis puts it there, except before channels. */
    readonly keyPrefix: string,
    /** Within which a command ends. */
    readonly commandTimeoutMs: number,
    errors: Counter,
  ) {
    this.#commandErrors = errors.bind({ kind: 'command' });
    this.#connectionErrors = errors.bind({ kind: 'connection' });
    this.#watch(redis);
  }

  /** Whether Redis was there when it was last heard of. */
  get ready(): boolean {
    return this.redis.status === 'ready';
  }

  /** Runs commands. @throws Error when Redis does not answer in time; ioredis's when it refuses, or is away. */
  async run<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
    const { commandTimeoutMs } = this;
    try {
      return await answeredWithin(
        work(this.redis),
        commandTimeoutMs,
        () => new Error(`A command to Redis timed out: no answer within ${commandTimeoutMs} ms.`),
      );
    } catch (error) {
      this.#commandErrors.add(1);
      throw error;
    }
  }

  /** Whether Redis answers; throws what is wrong. */
  async check(): Promise<void> {
    await this.run(async (redis) => await redis.ping());
  }

  /** Connects, and goes on trying when Redis is not there. */
  async connect(): Promise<void> {
    // What is wrong comes as an event, too.
    await this.redis.connect().catch(() => undefined);
  }

  /** Hears whenever the connection is made again. */
  onReady(listener: () => void): void {
    this.redis.on('ready', listener);
  }

  /** A further connection, for what a connection can only do alone; closed with this one. */
  further(): Redis {
    const redis = this.redis.duplicate();
    this.#further.push(redis);
    this.#watch(redis);
    return redis;
  }

  onApplicationShutdown(): void {
    for (const redis of [...this.#further, this.redis]) redis.disconnect();
  }

  #watch(redis: Redis): void {
    redis.on('error', (error: Error) => {
      this.#connectionErrors.add(1);
      if (this.#well) this.#logger.warn({ msg: 'Redis cannot be reached', reason: redactText(error.message) });
      this.#well = false;
    });
    redis.on('ready', () => {
      if (!this.#well) this.#logger.log({ msg: 'Redis is there again' });
      this.#well = true;
    });
  }
}
