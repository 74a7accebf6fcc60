import { AsyncLocalStorage } from 'node:async_hooks';
import type { AuditAnchors } from './audit-anchors.js';
import { entryText, type AuditEntry } from './audit-entry.js';
import type { AuditSink } from './audit-sink.js';
import { HashChain, chainDigest, type AuditHead, type NamedHead, type SealedRecord } from './hash-chain.js';
import { RecordWaiters } from './record-waiters.js';

/** What an {@link AuditWriter} tells of, for metrics and logs. */
export interface AuditWriterEvents {
  /** Records reached a sink, or an attempt to bring them there failed. */
  appended(sink: string, result: 'written' | 'failed', records: number): void;
  /** A sink began to fail. */
  failing(sink: string, error: unknown): void;
  /** Every sink works again. */
  recovered(failedForMs: number): void;
  /** The head could, or could not, be put into the store. */
  anchored(error?: unknown): void;
  /** Old records could not be removed. */
  retentionFailed(error: unknown): void;
  /** A record came after the end of the trail, so it is nowhere. */
  tooLate(entry: AuditEntry): void;
}

/** What an {@link AuditWriter} is made from. */
export interface AuditWriterOptions {
  /** Unique in the life of the trail, begins with its time, of `A-Za-z0-9_-`. */
  readonly writer: string;
  readonly sinks: readonly AuditSink[];
  readonly anchors?: AuditAnchors | undefined;
  readonly key?: string | undefined;
  /** Whether every batch is made durable, not only those that somebody waits for. */
  readonly strict: boolean;
  readonly maxRecords: number;
  readonly maxDelayMs: number;
  readonly maxQueue: number;
  readonly anchorEvery: number;
  readonly retentionMs?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly events: AuditWriterEvents;
}

/** A record that waits for its batch. */
interface Waiting {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly entry: AuditEntry;
}

/** Records on their way, and the sinks that don't have them yet. */
interface Batch {
  readonly records: readonly SealedRecord[];
  readonly missing: Set<AuditSink>;
}

const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 5_000;
const RETENTION_EVERY_MS = 3_600_000;

/**
 * Gathers records, seals them into one chain and brings each batch to every sink before the next.
 *
 * A batch that fails is tried again, with the same records, until every sink has it: nothing is skipped. Meanwhile the
 * writer is not {@link available}, and what has been admitted before keeps its place in the queue.
 */
export class AuditWriter {
  readonly #chain: HashChain;
  readonly #durable = new RecordWaiters();
  readonly #usable = new RecordWaiters();
  readonly #room = new RecordWaiters();
  /** Whoever adds a record may stand in a transaction or a trace: writing it is not part of them. */
  readonly #outside = AsyncLocalStorage.snapshot();
  #queue: Waiting[] = [];
  #batch: Batch | undefined;
  /** Tickets: how many records were taken, written, made durable; and up to where somebody waits for durability. */
  #taken = 0;
  #written = 0;
  #synced = 0;
  #wanted = 0;
  /** The last record that has waited for others long enough. */
  #due = 0;
  #loop: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #retry: (() => void) | undefined;
  #retention: NodeJS.Timeout | undefined;
  #failingSince: number | undefined;
  #refused: { calls: number; readonly since: number } | undefined;
  #anchored = 0;
  #state: 'new' | 'open' | 'closing' | 'closed' = 'new';

  constructor(private readonly options: AuditWriterOptions) {
    this.#chain = new HashChain(options.writer, chainDigest(options.key));
  }

  /** Whether records of new calls are welcome: every sink works, and there is room in the queue. */
  get available(): boolean {
    return this.#state === 'open' && this.#failingSince === undefined && this.#queue.length < this.options.maxQueue;
  }

  /** Since when a sink has been failing, in milliseconds since the epoch. */
  get failingSince(): number | undefined {
    return this.#failingSince;
  }

  /** Records that are not written yet. */
  get pending(): number {
    return this.#taken - this.#written;
  }

  /** Records that wait for their batch. */
  get waiting(): number {
    return this.#queue.length;
  }

  /** Opens every sink and writes the opening mark. @throws the error of a sink, which should stop the start */
  async open(version: string): Promise<void> {
    const { writer, sinks, key, strict } = this.options;
    const found = await Promise.all(sinks.map(async (sink) => named(sink, await sink.open(writer))));
    const previous = leastOfEach(found.flat());
    const algorithm = key === undefined ? 'sha256' : 'hmac-sha256';
    this.add(this.#mark('open', { rookery: version, algorithm, strict, previous }));
    const { records } = this.#seal();
    await Promise.all(sinks.map((sink) => sink.append(records, true)));
    this.#done(records, true);
    this.#state = 'open';
    await this.#anchor();
    await this.#removeOld();
    this.#retention = setInterval(() => void this.#removeOld(), RETENTION_EVERY_MS).unref();
  }

  /**
   * Takes a record, which must not change any more: it is written down with its batch, all at once, as that costs half of
   * writing each among the calls.
   *
   * @returns its ticket, for {@link durable}
   */
  add(entry: AuditEntry): number {
    if (this.#state === 'closed') this.options.events.tooLate(entry);
    this.#queue.push({ at: this.options.now(), entry });
    const ticket = ++this.#taken;
    if (this.#state === 'open' || this.#state === 'closing') this.#schedule();
    return ticket;
  }

  /** Waits until a record is durable in every sink, or the time is over; whether it is durable. */
  durable(ticket: number, withinMs: number): Promise<boolean> {
    if (ticket <= this.#synced) return Promise.resolve(true);
    this.#wanted = Math.max(this.#wanted, ticket);
    if (this.#state === 'closed') return Promise.resolve(false);
    this.#start();
    return this.#durable.until(ticket, withinMs);
  }

  /** Whether a whole batch waits already while another is being written. */
  get crowded(): boolean {
    return this.#queue.length >= this.options.maxRecords;
  }

  /**
   * Waits until the writer is no longer {@link crowded}, or the time is over. Whoever waits after adding a record keeps
   * what a crash may lose at two batches, however slow the sinks are.
   */
  room(withinMs: number): Promise<boolean> {
    return this.crowded ? this.#room.until(0, withinMs) : Promise.resolve(true);
  }

  /** Waits until the writer is {@link available}, the time is over or the signal aborts; whether it is. */
  async usable(withinMs: number, signal?: AbortSignal): Promise<boolean> {
    if (this.available) return true;
    if (this.#state !== 'open' || this.#usable.size >= this.options.maxQueue) return false;
    return (await this.#usable.until(0, withinMs, signal)) && this.available;
  }

  /** Counts a call that was refused since its record could not be written: one record tells of all of them later. */
  refused(): void {
    this.#refused ??= { calls: 0, since: this.options.now() };
    this.#refused.calls++;
    if (this.#failingSince === undefined) this.#start();
  }

  /**
   * Writes what is left, and the closing mark.
   *
   * @returns how many records could not be written within the time: 0 after an orderly end
   */
  async close(withinMs: number): Promise<number> {
    if (this.#state === 'closed' || this.#state === 'new') return 0;
    clearInterval(this.#retention);
    this.#sumUpRefused();
    const ticket = this.add(this.#mark('close'));
    this.#state = 'closing';
    this.#retry?.();
    const complete = await this.durable(ticket, withinMs);
    this.#state = 'closed';
    this.#retry?.();
    clearTimeout(this.#timer);
    // A sink that has not answered until now is not waited for.
    if (complete) await this.#loop;
    if (complete) await this.#anchor();
    const closed = Promise.allSettled(this.options.sinks.map((sink) => sink.close()));
    if (complete) await closed;
    this.#usable.settle(0, false);
    this.#room.settle(0, false);
    this.#durable.settle(Infinity, false);
    return this.pending;
  }

  #schedule(): void {
    if (this.#hasWork()) this.#start();
    else if (this.#loop === undefined)
      this.#timer ??= setTimeout(() => this.#overdue(), this.options.maxDelayMs).unref();
  }

  #overdue(): void {
    this.#due = this.#taken;
    this.#start();
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#loop ??= this.#outside(() => this.#run());
  }

  /** Writes until what is left can wait. Records that come meanwhile share the next batch. */
  async #run(): Promise<void> {
    // So that the caller knows of this run before it does anything.
    await Promise.resolve();
    let retryMs = FIRST_RETRY_MS;
    while (this.#state !== 'closed' && this.#hasWork()) {
      const batch = (this.#batch ??= this.#seal());
      const durable = this.options.strict || this.#wanted > this.#synced;
      await Promise.all([...batch.missing].map((sink) => this.#append(sink, batch, durable)));
      if (batch.missing.size === 0) {
        this.#batch = undefined;
        this.#done(batch.records, durable);
        retryMs = FIRST_RETRY_MS;
        if (this.#written - this.#anchored >= this.options.anchorEvery) await this.#anchor();
      } else {
        await this.#pause(retryMs);
        retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
      }
    }
    // In the turn in which there was nothing left: whoever adds a record after it begins another run.
    this.#loop = undefined;
    if (this.#queue.length > 0 && this.#state !== 'closed') this.#schedule();
  }

  /** Whether something must be written now. A few records wait for others: what a batch costs, it costs each of them. */
  #hasWork(): boolean {
    const { strict, maxRecords, maxQueue } = this.options;
    const waiting = this.#queue.length;
    if (waiting >= Math.min(maxRecords, maxQueue) || (strict && waiting > 0)) return true;
    return this.#batch !== undefined || this.#due > this.#written || this.#wanted > this.#synced || this.#canSumUp();
  }

  #seal(): Batch {
    if (this.#canSumUp()) this.#sumUpRefused();
    const records = this.#queue
      .splice(0, this.options.maxRecords)
      .map(({ at, entry }) => this.#chain.seal({ at, event: entry.event, entry: entryText(entry) }));
    if (!this.crowded) this.#room.settle(0, true);
    return { records, missing: new Set(this.options.sinks) };
  }

  async #append(sink: AuditSink, batch: Batch, durable: boolean): Promise<void> {
    const { events, now } = this.options;
    try {
      await sink.append(batch.records, durable);
      batch.missing.delete(sink);
      events.appended(sink.name, 'written', batch.records.length);
    } catch (error) {
      events.appended(sink.name, 'failed', batch.records.length);
      if (this.#failingSince === undefined) events.failing(sink.name, error);
      this.#failingSince ??= now();
    }
  }

  #done(records: readonly SealedRecord[], durable: boolean): void {
    const { events, now } = this.options;
    this.#written += records.length;
    if (durable) this.#synced = this.#written;
    if (this.#failingSince !== undefined) {
      events.recovered(now() - this.#failingSince);
      this.#failingSince = undefined;
    }
    this.#durable.settle(this.#synced, true);
    if (this.available) this.#usable.settle(0, true);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const over = (): void => {
        clearTimeout(timer);
        this.#retry = undefined;
        resolve();
      };
      const timer = setTimeout(over, ms);
      // Nothing else keeps a process alive that is ending, and what is left is to be written.
      if (this.#state !== 'closing') timer.unref();
      this.#retry = over;
    });
  }

  #canSumUp(): boolean {
    return this.#refused !== undefined && this.available;
  }

  #sumUpRefused(): void {
    if (this.#refused === undefined) return;
    const { calls, since } = this.#refused;
    this.#refused = undefined;
    this.add({
      ...this.#mark('refused', { calls, since: new Date(since).toISOString() }),
      outcome: 'overloaded',
      reason: `${calls} calls were refused while the audit trail could not be written.`,
    });
  }

  /** Puts the head into the store. A store that fails does not hold up calls: it is told of, and tried again later. */
  async #anchor(): Promise<void> {
    const { anchors, events, sinks } = this.options;
    const { head } = this.#chain;
    if (anchors === undefined || head === undefined || this.#batch !== undefined) return;
    try {
      await anchors.put({ ...head, places: sinks.map(({ name: sink, where }) => ({ sink, where })) });
      this.#anchored = this.#written;
      if (this.#state === 'open') {
        this.add(this.#mark('anchor', { seq: head.seq, hash: head.hash }));
        this.#anchored++;
      }
      events.anchored();
    } catch (error) {
      // Not at every batch: the next attempt comes after as many records as usual.
      this.#anchored = this.#written;
      events.anchored(error);
    }
  }

  /** Records what is removed before it is: a removal that the trail does not know is a gap. */
  async #removeOld(): Promise<void> {
    const { sinks, retentionMs, now, maxDelayMs, anchors, events } = this.options;
    const before = retentionMs === undefined ? undefined : now() - retentionMs;
    try {
      const gone: (readonly AuditHead[])[] = [];
      for (const sink of sinks) {
        const removable = await sink.removable(before);
        gone.push(removable);
        if (removable.length === 0) continue;
        const removed = removable.map((records) => ({ ...records, sink: sink.name }));
        const ticket = this.add(this.#mark('retention', { removed }));
        if (!(await this.durable(ticket, maxDelayMs + LAST_RETRY_MS))) throw new Error('The sinks are failing.');
        await sink.remove(removable);
      }
      await forgetRemoved(anchors, gone);
    } catch (error) {
      events.retentionFailed(error);
    }
  }

  #mark(event: AuditEntry['event'], details?: unknown): AuditEntry {
    return { time: new Date(this.options.now()).toISOString(), event, details };
  }
}

function named({ name: sink }: AuditSink, heads: readonly AuditHead[]): readonly NamedHead[] {
  return heads.map((head) => ({ ...head, sink }));
}

/** Of two sinks of a kind, one may have got a batch in the moment of a crash that the other did not. */
function leastOfEach(heads: readonly NamedHead[]): readonly NamedHead[] {
  const least = new Map<string, NamedHead>();
  for (const head of heads) {
    const key = `${head.sink}/${head.writer}`;
    if (head.seq < (least.get(key)?.seq ?? Infinity)) least.set(key, head);
  }
  return [...least.values()];
}

/** A writer of whom no sink has anything left needs no anchor. */
async function forgetRemoved(
  anchors: AuditAnchors | undefined,
  removedBySink: readonly (readonly AuditHead[])[],
): Promise<void> {
  if (anchors === undefined || removedBySink.some((removed) => removed.length === 0)) return;
  for (const { writer, seq } of await anchors.all()) {
    const isGone = (removed: readonly AuditHead[]): boolean =>
      removed.some((head) => head.writer === writer && head.seq >= seq);
    if (removedBySink.every(isGone)) await anchors.forget(writer);
  }
}
