import { randomUUID } from 'node:crypto';
import type { OnApplicationBootstrap } from '@nestjs/common';
import { z } from 'zod';
import type { Telemetry } from '../../../core/index.js';
import { SlotStore, type SlotClaim, type SlotGrant, type SlotNews } from '../../../resilience/index.js';
import { RedisChannel, parsedJson } from '../redis-channel.js';
import type { RedisConnection } from '../redis-connection.js';
import { CLAIM } from './slot-script.js';

/** What the script tells; anything else on the channel is passed over and counted. */
const messageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('freed'), from: z.string(), name: z.string() }),
  z.object({ kind: z.literal('wanted'), from: z.string(), name: z.string(), keep: z.int().min(0) }),
]);

/** What a {@link RedisSlotStore} may be given. */
export interface RedisSlotStoreOptions {
  /** Milliseconds after which the slots of a process are free that is not heard of. @default 5000 */
  readonly leaseMs?: number;
}

/**
 * Slots that all processes share that share a Redis, leased by Redis's clock. Processes tell each other of free and wanted
 * slots by publish and subscribe, on a connection of its own.
 *
 * All keys of a claim must be on one Redis: in a cluster, put a hash tag into `redis.keyPrefix`.
 */
export class RedisSlotStore extends SlotStore implements OnApplicationBootstrap {
  override readonly leaseMs: number;
  readonly #from = randomUUID();
  readonly #strange;
  readonly #channel: RedisChannel;
  readonly #listeners: ((news: SlotNews) => void)[] = [];
  /** Names of limits by what they are called in Redis. */
  readonly #names = new Map<string, string>();
  #claims = 0;

  constructor(
    private readonly connection: RedisConnection,
    telemetry: Telemetry,
    { leaseMs = 5_000 }: RedisSlotStoreOptions = {},
  ) {
    super();
    this.leaseMs = leaseMs;
    this.#channel = new RedisChannel(connection, 'slots');
    this.#strange = telemetry
      .counter({
        name: 'rookery_slot_messages_strange_total',
        help: 'Messages on the channel of shared slots that could not be read.',
      })
      .bind({});
    connection.onReady(() => this.#tell({ kind: 'back' }));
  }

  /** Begins to listen; Redis need not be there yet. */
  async onApplicationBootstrap(): Promise<void> {
    let heard = false;
    await this.#channel.open({
      message: (text) => this.#receive(text),
      listening: () => {
        // What was said meanwhile is lost.
        if (heard && this.connection.ready) this.#tell({ kind: 'back' });
        heard = true;
      },
    });
  }

  override async claim(claims: readonly SlotClaim[]): Promise<readonly SlotGrant[]> {
    const names = claims.map(({ name }) => this.#nameOf(name));
    const keys = names.map((name) => `slots:${name}`);
    const values = claims.flatMap(({ part, max, held, wanted }, at) => [names[at] ?? '', part, max, held, wanted]);
    const sequence = ++this.#claims;
    const answer = (await this.connection.run(
      async (redis) =>
        await CLAIM.run(redis, keys, [this.#from, this.leaseMs, sequence, this.#channel.name, ...values]),
    )) as readonly number[];
    return claims.map(({ max }, at) => ({ granted: answer[2 * at] ?? 0, keep: answer[2 * at + 1] ?? max }));
  }

  override listen(listener: (news: SlotNews) => void): void {
    this.#listeners.push(listener);
  }

  /** A name in which any two are told apart, without what a cluster or a person reading keys could take for more. */
  #nameOf(name: string): string {
    // JSON first, as a half of a surrogate pair is no URI component.
    const encoded = encodeURIComponent(JSON.stringify(name).slice(1, -1));
    this.#names.set(encoded, name);
    return encoded;
  }

  #receive(text: string): void {
    const { success, data } = messageSchema.safeParse(parsedJson(text));
    if (!success) return this.#strange.add(1);
    const { from, ...news } = data;
    const name = this.#names.get(news.name);
    // Of a limit that this process has not used yet it has nothing to give.
    if (from !== this.#from && name !== undefined) this.#tell({ ...news, name });
  }

  #tell(news: SlotNews): void {
    for (const listener of this.#listeners) listener(news);
  }
}
