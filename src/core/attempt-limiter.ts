import { clientNetwork } from './client-network.js';

/** How failed attempts are limited. */
export interface AttemptLimits {
  /** Failures of one client address within 60 seconds after which it has to wait. */
  readonly maxPerMinute: number;
  /** Client addresses that are counted one by one. */
  readonly maxAddresses: number;
}

/**
 * Holds up clients that keep failing, by address: asked before a credential is looked at, told when one was refused.
 *
 * What succeeds is never counted. An implementation whose back end may be down decides by its own configuration what it
 * answers then, and counts it; a rejected promise refuses the attempt.
 */
export abstract class AttemptLimiter {
  /** Milliseconds that this client has to wait before it may try again; 0 lets it try. */
  abstract waitMs(address: string): number | Promise<number>;
  /** Counts a failure of this client. */
  abstract failed(address: string): void | Promise<void>;
}

const WINDOW_MS = 60_000;

/** Into how many groups networks fall when there are too many addresses to be counted one by one. */
const NETWORK_GROUPS = 1024;

/**
 * Counts in this process, in a sliding minute; exact for one process.
 *
 * An IPv6 client is its /64: that is what one customer of a provider has. While `maxAddresses` of them have failed
 * within the last minute, others are counted together with their network (/16 of IPv4, /32 of IPv6; 1024 groups, by a
 * random seed): whoever floods the table gets no free attempts from it, and holds up at most those who come from a group
 * of his. Nothing that is still counted is forgotten to make room.
 */
export class InMemoryAttemptLimiter extends AttemptLimiter {
  /** Times of failures, oldest first; the map in the order of the latest failure. */
  readonly #failures = new Map<string, number[]>();
  readonly #groups = new Map<number, number[]>();

  constructor(
    private readonly limits: AttemptLimits,
    private readonly now: () => number = Date.now,
    private readonly seed: number = Math.floor(Math.random() * 0x7fff_ffff),
  ) {
    super();
  }

  override waitMs(address: string): number {
    if (this.size === 0) return 0;
    const { client, network } = clientNetwork(address);
    const known = this.#failures.get(client);
    if (known !== undefined) return this.#wait(known);
    const group = this.#groups.size === 0 ? undefined : this.#groups.get(this.#groupOf(network));
    return group !== undefined && this.#full() ? this.#wait(group) : 0;
  }

  override failed(address: string): void {
    const { client, network } = clientNetwork(address);
    const known = this.#failures.get(client);
    if (known === undefined && this.#full()) {
      const group = this.#groupOf(network);
      this.#groups.set(group, this.#counted(this.#groups.get(group) ?? []));
      return;
    }
    this.#failures.delete(client);
    this.#failures.set(client, this.#counted(known ?? []));
  }

  /** How many addresses and groups are counted right now. */
  get size(): number {
    return this.#failures.size + this.#groups.size;
  }

  #counted(times: readonly number[]): number[] {
    const now = this.now();
    return [...times.filter((time) => time > now - WINDOW_MS), now].slice(-this.limits.maxPerMinute);
  }

  #wait(times: readonly number[]): number {
    const decisive = times.at(-this.limits.maxPerMinute);
    return decisive === undefined ? 0 : Math.max(0, decisive + WINDOW_MS - this.now());
  }

  /** Drops who last failed more than a minute ago: they stand in front. */
  #full(): boolean {
    const past = this.now() - WINDOW_MS;
    for (const [client, times] of this.#failures) {
      if ((times.at(-1) ?? 0) > past) break;
      this.#failures.delete(client);
    }
    const full = this.#failures.size >= this.limits.maxAddresses;
    if (!full) this.#groups.clear();
    return full;
  }

  #groupOf(network: string): number {
    let hash = this.seed;
    for (let index = 0; index < network.length; index++) {
      hash = Math.imul(hash ^ network.charCodeAt(index), 0x0100_0193);
    }
    return (hash >>> 0) % NETWORK_GROUPS;
  }
}
