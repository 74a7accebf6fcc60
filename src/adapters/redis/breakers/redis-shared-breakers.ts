import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { answeredWithin, type Telemetry } from '../../../core/index.js';
import {
  SharedBreakers,
  type BreakerAnswer,
  type BreakerReport,
  type SharedBreakersListener,
  type SharedBreakerState,
} from '../../../resilience/index.js';
import { RedisChannel } from '../redis-channel.js';
import type { RedisConnection } from '../redis-connection.js';
import { breakerState, scriptValues } from './breaker-messages.js';
import { NAMES, REPORT } from './breaker-scripts.js';

/** How long a call waits for a place among the trials: it is taken from the time that it has. */
const WAIT_AT_MOST_MS = 250;
/** How often a Redis that did not answer is asked whether it does. */
const RETRY_MS = 500;

/**
 * Breakers that hold over all processes that share a Redis: one script an event, by Redis's clock, which publishes what
 * has changed.
 *
 * Redis is away from the first command that it does not answer in time, or when the channel is not heard: from then on
 * nobody waits for it. It is asked every half second whether it is back, and read anew before it counts again.
 */
export class RedisSharedBreakers extends SharedBreakers implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #listeners: SharedBreakersListener[] = [];
  readonly #channel: RedisChannel;
  readonly #strange;
  readonly #waitMs: number;
  #reachable = false;
  /** A new one each time the channel is heard again; `undefined` while it is not. */
  #hearing: object | undefined;
  #joining = false;
  /** Whether listeners know that it is away. */
  #away = false;
  #closed = false;
  #retry: NodeJS.Timeout | undefined;

  constructor(
    private readonly connection: RedisConnection,
    telemetry: Telemetry,
  ) {
    super();
    this.#channel = new RedisChannel(connection, 'breakers');
    this.#waitMs = Math.min(WAIT_AT_MOST_MS, connection.commandTimeoutMs);
    this.#strange = telemetry
      .counter({
        name: 'rookery_breaker_messages_unread_total',
        help: 'Messages about circuit breakers that could not be read.',
      })
      .bind({});
  }

  override get reachable(): boolean {
    return this.#reachable;
  }

  /** Before {@link onApplicationBootstrap}. */
  override listen(listener: SharedBreakersListener): void {
    this.#listeners.push(listener);
  }

  /** Begins to listen, and reads what is open, so that the first call finds it; Redis need not be there yet. */
  async onApplicationBootstrap(): Promise<void> {
    if (this.#listeners.length === 0) return;
    await this.#channel.open({
      message: (text) => this.#receive(text),
      listening: async () => {
        this.#hearing = {};
        await this.#join();
      },
      silent: (reason) => {
        this.#hearing = undefined;
        this.#leave(reason);
      },
    });
  }

  /** Ends before the connection does, whose end is no outage. */
  beforeApplicationShutdown(): void {
    this.#closed = true;
    clearInterval(this.#retry);
  }

  override async report(report: BreakerReport): Promise<BreakerAnswer> {
    if (!this.#reachable) throw new Error('Redis is away.');
    try {
      const [admitted, text] = await this.#run(report.name, scriptValues(report));
      const state = breakerState(text);
      if (state === undefined) throw new Error(`What Redis says of the breaker "${report.name}" cannot be read.`);
      return { state, admitted: admitted === 1 };
    } catch (error) {
      this.#leave(error);
      throw error;
    }
  }

  /** Of all that is not quiet; what cannot be read is passed over. */
  async #states(): Promise<readonly SharedBreakerState[]> {
    const names = (await this.#ask(NAMES, ['breakers'], [])) as readonly string[];
    const answers = await Promise.all(names.map(async (name) => await this.#run(name, [name, 'look', 0, 0, 0, 0])));
    return answers.flatMap(([, text]) => this.#read(text) ?? []);
  }

  async #run(name: string, values: readonly (string | number)[]): Promise<readonly unknown[]> {
    const keys = [`breaker:${name}`, `breaker-trials:${name}`, 'breakers'];
    return (await this.#ask(REPORT, keys, [this.#channel.name, ...values])) as readonly unknown[];
  }

  async #ask(script: typeof REPORT, keys: readonly string[], values: readonly (string | number)[]): Promise<unknown> {
    return await answeredWithin(
      this.connection.run(async (redis) => await script.run(redis, keys, values)),
      this.#waitMs,
      () => new Error(`Redis did not answer within ${this.#waitMs} ms.`),
    );
  }

  async #join(): Promise<void> {
    const hearing = this.#hearing;
    if (this.#joining || this.#closed || hearing === undefined) return;
    this.#joining = true;
    try {
      const states = await this.#states();
      // What was published while the channel was silent is not in it.
      if (this.#hearing !== hearing) return;
      this.#reachable = true;
      this.#away = false;
      clearInterval(this.#retry);
      for (const listener of this.#listeners) listener.joined(states);
    } catch (error) {
      this.#leave(error);
    } finally {
      this.#joining = false;
    }
  }

  #leave(reason: unknown): void {
    this.#reachable = false;
    if (this.#away || this.#closed) return;
    this.#away = true;
    clearInterval(this.#retry);
    this.#retry = setInterval(() => void this.#join(), RETRY_MS).unref();
    for (const listener of this.#listeners) listener.left(reason);
  }

  #receive(text: string): void {
    const state = this.#read(text);
    if (state !== undefined) for (const listener of this.#listeners) listener.changed(state);
  }

  #read(text: unknown): SharedBreakerState | undefined {
    const state = breakerState(text);
    if (state === undefined) this.#strange.add(1);
    return state;
  }
}
