import { randomUUID } from 'node:crypto';
import type { OnApplicationBootstrap } from '@nestjs/common';
import { z } from 'zod';
import { ChangeBus, InMemoryChangeBus, type ServerChange, type Telemetry } from '../../core/index.js';
import { RedisChannel, parsedJson } from './redis-channel.js';
import type { RedisConnection } from './redis-connection.js';

/** What processes send each other; anything else on the channel is passed over and counted. */
const messageSchema = z.object({
  from: z.string(),
  change: z.discriminatedUnion('kind', [
    z.object({ kind: z.enum(['tools', 'prompts', 'resources']) }),
    z.object({ kind: z.literal('resource'), uri: z.string() }),
    z.object({ kind: z.literal('task'), taskId: z.string() }),
  ]),
});

/** What may have changed while nothing was heard. */
const LISTS = ['tools', 'prompts', 'resources'] as const;

/**
 * Carries changes to all processes that share a Redis, by publish and subscribe; to this process directly, whatever
 * happens to Redis.
 *
 * Redis does not keep messages. A change that could not be sent is counted in `rookery_changes_lost_total`; a process
 * that was cut off takes it that every list has changed once it is back.
 */
export class RedisChangeBus extends ChangeBus implements OnApplicationBootstrap {
  readonly #local = new InMemoryChangeBus();
  readonly #from = randomUUID();
  readonly #lost;
  readonly #strange;
  readonly #channel: RedisChannel;

  constructor(
    private readonly connection: RedisConnection,
    telemetry: Telemetry,
  ) {
    super();
    this.#channel = new RedisChannel(connection, 'changes');
    const counter = telemetry.counter({
      name: 'rookery_changes_lost_total',
      help: 'Changes that other processes were not told of (sent), or that could not be read (received).',
      labels: ['direction'],
    });
    this.#lost = counter.bind({ direction: 'sent' });
    this.#strange = counter.bind({ direction: 'received' });
  }

  /** Begins to listen; Redis need not be there yet. */
  async onApplicationBootstrap(): Promise<void> {
    let heard = false;
    await this.#channel.open({
      message: (text) => this.#receive(text),
      listening: () => {
        if (heard) for (const kind of LISTS) this.#local.publish({ kind });
        heard = true;
      },
    });
  }

  override publish(change: ServerChange): void {
    this.#local.publish(change);
    const message = JSON.stringify({ from: this.#from, change });
    this.connection
      .run(async (redis) => await redis.publish(this.#channel.name, message))
      .catch(() => this.#lost.add(1));
  }

  override subscribe(listener: (change: ServerChange) => void): () => void {
    return this.#local.subscribe(listener);
  }

  #receive(text: string): void {
    const { success, data } = messageSchema.safeParse(parsedJson(text));
    if (!success) this.#strange.add(1);
    else if (data.from !== this.#from) this.#local.publish(data.change);
  }
}
