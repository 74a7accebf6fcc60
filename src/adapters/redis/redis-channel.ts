import type { Redis } from 'ioredis';
import { answeredWithin } from '../../core/index.js';
import type { RedisConnection } from './redis-connection.js';

/** Often enough that a connection that died silently is found within seconds. */
const HEARTBEAT_MS = 2_000;

/** Who hears a channel. */
export interface ChannelListener {
  /** Something was published, by anybody. */
  message(text: string): void;
  /** It is heard from now on: for the first time, or again after what was published meanwhile is lost. */
  listening(): void | Promise<void>;
  /** It is not heard any more, or could not be for a first time. */
  silent?(reason: unknown): void;
}

/** A channel of Redis under the prefix of the keys, heard on a connection of its own that is made again when it breaks. */
export class RedisChannel {
  /** As Redis knows it: ioredis puts no prefix before channels. */
  readonly name: string;

  constructor(
    private readonly connection: RedisConnection,
    name: string,
  ) {
    this.name = `${connection.keyPrefix}${name}`;
  }

  /** Begins to listen, and waits for the first attempt only: Redis need not be there yet. */
  async open(listener: ChannelListener): Promise<void> {
    const redis = this.connection.further();
    let attempt = Promise.resolve();
    const listen = async (): Promise<void> => {
      await redis.subscribe(this.name);
      await listener.listening();
    };
    redis.on('message', (_channel, text) => listener.message(text));
    // A failure is an event of the connection as well, which counts it and connects again.
    redis.on('ready', () => void (attempt = listen().catch(() => redis.disconnect(true))));
    redis.on('close', () => listener.silent?.(new Error('The connection to Redis that listens is closed.')));
    this.#watch(redis);
    await redis.connect().catch(() => undefined);
    const { commandTimeoutMs } = this.connection;
    await answeredWithin(attempt, commandTimeoutMs, () => new Error('late')).catch(() => undefined);
  }

  /** Who only listens would not notice that the other end is gone; what is not answered ends the connection. */
  #watch(redis: Redis): void {
    const timer = setInterval(() => {
      if (redis.status === 'ready') redis.ping().catch(() => undefined);
    }, HEARTBEAT_MS);
    timer.unref();
    redis.once('end', () => clearInterval(timer));
  }
}

/** What a text says in JSON; `undefined` when it is none. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
