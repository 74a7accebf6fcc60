import { randomBytes } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { Keyv } from 'keyv';
import { RookeryError, answeredWithin, isObject, redactText, type Counter } from '../core/index.js';
import { LONGEST_TTL } from './cache.options.js';
import { Cooldown } from './cooldown.js';
import { frozenJson } from './json-value.js';
import { ResultStore, type Lookup, type Stamp } from './result-store.js';

/** Longer than anything is kept: a mark that is gone can have no results from before it was moved. */
const MARK_TTL_MS = (LONGEST_TTL + 86_400) * 1000;
const REST_MS = 1_000;
const UNASKED: Lookup = { found: false, stamp: undefined, failed: true };

/** What {@link SharedResults} takes. */
export interface SharedResultsOptions {
  /** How long a call waits for the store. */
  readonly timeoutMs: number;
  /** Whose marks these are: servers of other names that use the same store have their own. */
  readonly server: string;
  /** Failures by `reason`. */
  readonly errors: Counter;
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
}

/**
 * Results in a store that processes share: one round trip for a result and its marks.
 *
 * A store that is away, slow or frozen costs a call `timeoutMs` at the most. After a failure it is left alone for a
 * second, then asked by one call, and again by all once it answers that one.
 *
 * A mark is read with every result under it, so a store that evicts what was not used lately evicts marks last: choose
 * `maxmemory-policy allkeys-lru` or `volatile-lru`, not a random one.
 */
export class SharedResults extends ResultStore {
  readonly #logger = new Logger('Cache');
  readonly #cooldown: Cooldown;

  /** @param keyv - rejects when its store fails */
  constructor(
    private readonly keyv: Keyv,
    private readonly options: SharedResultsOptions,
  ) {
    super();
    this.#cooldown = new Cooldown(REST_MS, options.now ?? (() => performance.now()));
  }

  override get available(): boolean {
    return !this.#cooldown.resting;
  }

  override async read(key: string, marks: readonly string[]): Promise<Lookup> {
    if (!this.#cooldown.enter()) return UNASKED;
    let kept: readonly unknown[];
    try {
      kept = await this.#inTime(this.keyv.getMany([resultKey(key), ...marks.map((mark) => this.#markKey(mark))]));
    } catch (error) {
      this.#failed(error);
      return UNASKED;
    }
    this.#answered();
    const [result, ...versions] = kept;
    const stamp = versions.map((version) => (typeof version === 'string' ? version : '')).join('.');
    return this.#resultOf(result, stamp) ?? { found: false, stamp, failed: false };
  }

  override async write(
    key: string,
    value: unknown,
    ttlMs: number,
    _marks: readonly string[],
    stamp: Stamp,
  ): Promise<void> {
    if (!this.#cooldown.enter()) return;
    try {
      await this.#inTime(this.keyv.set(resultKey(key), JSON.stringify({ stamp, value }), ttlMs));
      this.#answered();
    } catch (error) {
      this.#failed(error);
    }
  }

  override async invalidate(marks: readonly string[]): Promise<void> {
    try {
      const moved = marks.map((mark) =>
        this.keyv.set(this.#markKey(mark), randomBytes(9).toString('base64url'), MARK_TTL_MS),
      );
      await this.#inTime(Promise.all(moved));
    } catch (error) {
      this.#failed(error);
      const message = 'The shared cache does not answer: results may still be found until they are over. Try again.';
      throw new RookeryError('overloaded', message, { retryAfter: 1 }, { cause: error });
    }
  }

  /** What is in the store was written by another process, perhaps of another version. */
  #resultOf(text: unknown, stamp: string): Lookup | undefined {
    if (typeof text !== 'string') return undefined;
    try {
      const kept: unknown = JSON.parse(text);
      if (isObject(kept) && typeof kept['stamp'] === 'string') {
        if (kept['stamp'] !== stamp) return undefined;
        const frozen = frozenJson(kept['value'], Infinity);
        if (typeof frozen === 'object') return { found: true, value: frozen.value };
      }
    } catch {
      // Counted below, like whatever else is not ours.
    }
    this.options.errors.bind({ reason: 'corrupt' }).add(1);
    return undefined;
  }

  #markKey(mark: string): string {
    return `mark:${this.options.server}:${mark}`;
  }

  #answered(): void {
    if (this.#cooldown.succeeded()) this.#logger.log({ msg: 'the shared cache answers again' });
  }

  #failed(error: unknown): void {
    const reason = error instanceof NoAnswer ? 'timeout' : 'unreachable';
    this.options.errors.bind({ reason }).add(1);
    if (!this.#cooldown.failed()) return;
    const said = redactText(error instanceof Error ? error.message : String(error));
    this.#logger.warn({ msg: 'the shared cache does not answer: calls go on without it', reason: said });
  }

  #inTime<T>(answer: Promise<T>): Promise<T> {
    const { timeoutMs } = this.options;
    return answeredWithin(answer, timeoutMs, () => new NoAnswer(`no answer within ${timeoutMs} ms`));
  }
}

/** Teams keep theirs in the same store. */
function resultKey(key: string): string {
  return `tool:${key}`;
}

class NoAnswer extends Error {}
