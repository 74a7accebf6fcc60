import { SlotStore, type SlotClaim, type SlotGrant, type SlotNews } from './slot-store.js';

/** What one process has said last. */
interface Holding {
  readonly held: number;
  readonly wanted: number;
  /** Its place in the line of those who wait. */
  readonly place: number;
  readonly until: number;
}

/** What {@link SlotTable} needs of the world. */
export interface SlotTableOptions {
  /** @default 5000 */
  readonly leaseMs?: number;
  /** Milliseconds, never going back. @default performance.now */
  readonly now?: () => number;
}

/**
 * What a store of slots knows, and how it decides: see {@link SlotStore}. What is in Redis is decided by the same steps,
 * as a script there.
 */
export class SlotTable {
  readonly leaseMs: number;
  readonly #now: () => number;
  readonly #limits = new Map<string, Map<string, Holding>>();
  readonly #listeners = new Map<string, ((news: SlotNews) => void)[]>();
  /** Places in line that were given out. */
  #places = 0;

  constructor({ leaseMs = 5_000, now = () => performance.now() }: SlotTableOptions = {}) {
    this.leaseMs = leaseMs;
    this.#now = now;
  }

  /** What comes of a claim of a process. */
  claim(from: string, { name, part, max, held, wanted }: SlotClaim): SlotGrant {
    const holdings = this.#limits.get(name) ?? new Map<string, Holding>();
    this.#limits.set(name, holdings);
    let freed = this.#forgetLate(holdings);
    const me = `${from}.${part}`;
    const before = holdings.get(me);
    holdings.delete(me);
    const others = [...holdings.values()];
    const elsewhere = sum(others.map((other) => other.held));
    let place = before !== undefined && before.wanted > 0 ? before.place : ++this.#places;
    // Fewest slots first; of equals, who waits longest.
    const isAhead = (other: Holding): boolean =>
      other.wanted > 0 && (other.held === held ? other.place < place : other.held < held);
    const ahead = others.filter(isAhead).length;
    const granted = Math.max(0, Math.min(wanted, max - elsewhere - held - ahead));
    const waits = wanted > granted;
    // Who got one goes behind all who wait.
    if (granted > 0) place = ++this.#places;
    const mine = { held: held + granted, wanted: wanted - granted, place, until: this.#now() + this.leaseMs };
    if (mine.held > 0 || waits) holdings.set(me, mine);
    freed ||= before !== undefined && (before.held > mine.held || (before.wanted > 0 && !waits));
    const total = elsewhere + mine.held;
    const share = total > max ? 0 : Math.floor(max / Math.max(1, holdings.size));
    const othersWait = others.some((other) => other.wanted > 0);
    if (freed && othersWait && total < max) this.#tell(from, { kind: 'freed', name });
    if (waits || total > max) this.#tell(from, { kind: 'wanted', name, keep: share });
    return { granted, keep: othersWait || total > max ? share : max };
  }

  /** Has a process hear what the others do. */
  listen(as: string, listener: (news: SlotNews) => void): void {
    this.#listeners.set(as, [...(this.#listeners.get(as) ?? []), listener]);
  }

  /** Whether there were any whose lease is over. */
  #forgetLate(holdings: Map<string, Holding>): boolean {
    const now = this.#now();
    const late = [...holdings].filter(([, { until }]) => until <= now);
    for (const [holder] of late) holdings.delete(holder);
    return late.length > 0;
  }

  #tell(from: string, news: SlotNews): void {
    for (const [to, listeners] of this.#listeners) {
      if (to !== from) for (const listener of listeners) listener(news);
    }
  }
}

/** Slots that are shared by what is in one process and has one table: for tests, and as the measure of other stores. */
export class InMemorySlotStore extends SlotStore {
  readonly #as: string;

  /** @param as - what tells those who share the table apart */
  constructor(
    private readonly table: SlotTable,
    as: string,
  ) {
    super();
    this.#as = as;
  }

  override get leaseMs(): number {
    return this.table.leaseMs;
  }

  override async claim(claims: readonly SlotClaim[]): Promise<readonly SlotGrant[]> {
    return await Promise.resolve(claims.map((claim) => this.table.claim(this.#as, claim)));
  }

  override listen(listener: (news: SlotNews) => void): void {
    // As from afar: nobody hears of a claim before it is decided.
    this.table.listen(this.#as, (news) => queueMicrotask(() => listener(news)));
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
