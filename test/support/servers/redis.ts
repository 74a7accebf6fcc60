import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { redisServer } from './binaries.js';
import { freePort } from './free-port.js';
import { ServerProgram } from './server-program.js';

/** A Redis server of this test alone. It keeps nothing on disk: restarted, it is empty. */
export interface RedisServer {
  readonly port: number;
  readonly url: string;
  /** Removes everything. */
  flush(): Promise<void>;
  /** Stops answering, with connections open. */
  freeze(): void;
  thaw(): void;
  /** Ends as in a crash. */
  kill(): Promise<void>;
  /** Starts again after {@link kill}, on the same port. */
  restart(): Promise<void>;
  /** Ends for good. */
  stop(): Promise<void>;
}

/**
 * Starts Redis on a free loopback port; a tenth of a second. `password` is what clients then must give.
 *
 * @throws Error with the command that installs it, when it is not there and cannot be installed.
 */
export async function startRedis(options: { readonly password?: string } = {}): Promise<RedisServer> {
  const command = await redisServer();
  const home = await mkdtemp(join(tmpdir(), 'rookery-redis-'));
  const port = await freePort();
  const { password } = options;
  const url = `redis://${password === undefined ? '' : `:${password}@`}127.0.0.1:${port}`;
  const program = new ServerProgram({
    command,
    args: [
      `--port ${port}`,
      '--bind 127.0.0.1',
      '--save ""',
      '--appendonly no',
      `--dir ${home}`,
      ...(password === undefined ? [] : [`--requirepass ${password}`]),
    ],
    connect: async () => await once(url, async (redis) => await redis.ping()),
    endSignal: 'SIGTERM',
  });
  await program.start();
  return {
    port,
    url,
    flush: async () => await once(url, async (redis) => await redis.flushall()),
    freeze: () => program.freeze(),
    thaw: () => program.thaw(),
    kill: async () => await program.kill(),
    restart: async () => await program.start(),
    stop: async () => {
      await program.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** One command over a connection of its own. */
async function once(url: string, work: (redis: Redis) => Promise<unknown>): Promise<void> {
  const redis = new Redis(url, {
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    connectTimeout: 1_000,
  });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    await work(redis);
  } finally {
    redis.disconnect();
  }
}
