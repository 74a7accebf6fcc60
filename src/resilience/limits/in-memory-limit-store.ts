import { LinkedList, type Linked, type Links } from '../../core/index.js';
import {
  ALLOWED,
  LimitStore,
  type LimitRequest,
  type LimitRule,
  type LimitUsage,
  type LimitVerdict,
} from './limit-store.js';
import { SlidingWindow } from './sliding-window.js';

/** How many of the longest unused records are looked at when room is needed. */
const EVICTION_REACH = 16;

/** Milliseconds within which the order of use is not kept up: to move a record touches four more, none of them in a cache. */
const ORDER_MS = 1000;

/** The window of one key, in a list ordered by last use. */
class LimitRecord extends SlidingWindow implements Linked<LimitRecord> {
  links: Links<LimitRecord> | undefined;
  /** From when on it remembers nothing that matters. */
  idleAt = 0;
  /** When it was put where it is in the list. */
  placedAt = -Infinity;

  constructor(readonly key: string) {
    super();
  }
}

/** What the in-memory store may be given. */
export interface InMemoryLimitStoreOptions {
  /** Milliseconds, never going back. @default performance.now */
  readonly now?: () => number;
  /** Keys that are remembered at once. @default 100_000 */
  readonly maxKeys?: number;
  /** Told of every key that had to share a window. */
  readonly onFull?: () => void;
}

/**
 * Counts calls in this process.
 *
 * Memory is bounded by the number of keys: a record that no longer matters makes room for a new one, longest unused
 * first, by the second. When all matter still, new keys with equal rules share one window: together they get what one of them would
 * have got, and whoever gets a window of his own later begins with what is in the shared one. So a flood of names makes
 * it narrow for further new ones, lets nobody exceed a limit, and {@link InMemoryLimitStoreOptions.onFull} hears of it.
 */
export class InMemoryLimitStore extends LimitStore {
  readonly #records = new Map<string, LimitRecord>();
  /** Windows shared by those for whom there was no room, by their rules: as many as there are different rules. */
  readonly #shared = new Map<string, SlidingWindow>();
  /** The longest unused record is the first. */
  readonly #list = new LinkedList<LimitRecord>();
  /** The windows of the call at hand. */
  readonly #found: SlidingWindow[] = [];
  readonly #now: () => number;
  readonly #maxKeys: number;
  readonly #onFull: () => void;

  constructor({
    now = () => performance.now(),
    maxKeys = 100_000,
    onFull = () => undefined,
  }: InMemoryLimitStoreOptions = {}) {
    super();
    this.#now = now;
    this.#maxKeys = maxKeys;
    this.#onFull = onFull;
  }

  /** Keys that are remembered. */
  get size(): number {
    return this.#records.size;
  }

  override take(requests: readonly LimitRequest[]): LimitVerdict {
    const now = this.#now();
    let retryAfterMs = 0;
    let refusing = 0;
    let refusingRule = 0;
    for (let index = 0; index < requests.length; index++) {
      const { key, rules } = requests[index] as LimitRequest;
      const window = this.#records.get(key) ?? this.#newcomer(key, rules, now);
      this.#found[index] = window;
      for (let rule = 0; rule < rules.length; rule++) {
        const wait = window.waitFor(rules[rule] as LimitRule, now);
        if (wait > retryAfterMs) {
          retryAfterMs = wait;
          refusing = index;
          refusingRule = rule;
        }
      }
    }
    if (retryAfterMs > 0) return { allowed: false, retryAfterMs, request: refusing, rule: refusingRule };
    for (let index = 0; index < requests.length; index++) this.#count(requests[index] as LimitRequest, index, now);
    return ALLOWED;
  }

  override usage(requests: readonly LimitRequest[]): LimitUsage {
    const now = this.#now();
    return requests.map(({ key, rules }) => {
      const record = this.#records.get(key);
      return rules.map(({ windowMs }) => record?.count(windowMs, now) ?? 0);
    });
  }

  #count({ key, rules }: LimitRequest, index: number, now: number): void {
    const window = this.#found[index] as SlidingWindow;
    let limit = 0;
    let windowMs = 0;
    for (const rule of rules) {
      if (rule.limit > limit) limit = rule.limit;
      if (rule.windowMs > windowMs) windowMs = rule.windowMs;
    }
    window.take(now, limit, windowMs);
    if (!(window instanceof LimitRecord)) return;
    if (window.idleAt === 0) this.#records.set(key, window);
    if (now - window.placedAt >= ORDER_MS) {
      window.placedAt = now;
      this.#list.remove(window);
      this.#list.add(window);
    }
    if (now + windowMs > window.idleAt) window.idleAt = now + windowMs;
  }

  /** Where a key counts that is not remembered. A record of its own is not kept before it counts something. */
  #newcomer(key: string, rules: readonly LimitRule[], now: number): SlidingWindow {
    this.#evict(now);
    const full = this.#records.size >= this.#maxKeys;
    if (full) this.#onFull();
    else if (this.#shared.size === 0) return new LimitRecord(key);
    const name = rules.map(({ limit, windowMs }) => `${limit}/${windowMs}`).join();
    let shared = this.#shared.get(name);
    if (full) {
      if (shared === undefined) this.#shared.set(name, (shared = new SlidingWindow()));
      return shared;
    }
    const record = new LimitRecord(key);
    if (shared === undefined) return record;
    if (rules.every(({ windowMs }) => shared.count(windowMs, now) === 0)) this.#shared.delete(name);
    else record.adopt(shared);
    return record;
  }

  #evict(now: number): void {
    let record = this.#list.first;
    for (let reach = 0; reach < EVICTION_REACH && record !== undefined; reach++) {
      const next = record.links?.next;
      if (record.idleAt <= now) this.#forget(record);
      else if (this.#records.size < this.#maxKeys) return;
      record = next;
    }
  }

  #forget(record: LimitRecord): void {
    this.#list.remove(record);
    this.#records.delete(record.key);
  }
}
