import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InMemoryAuditAnchors } from './audit-anchors.js';
import type { AuditEntry } from './audit-entry.js';
import { verifyAuditLines } from './audit-verifier.js';
import { AuditWriter, type AuditWriterEvents, type AuditWriterOptions } from './audit-writer.js';
import { InMemoryAuditSink } from './in-memory-audit-sink.js';

const entry = (callId: string): AuditEntry => ({ time: 'now', event: 'call', callId });
const events = {
  appended: vi.fn<AuditWriterEvents['appended']>(),
  failing: vi.fn<AuditWriterEvents['failing']>(),
  recovered: vi.fn<AuditWriterEvents['recovered']>(),
  anchored: vi.fn<AuditWriterEvents['anchored']>(),
  retentionFailed: vi.fn<AuditWriterEvents['retentionFailed']>(),
  tooLate: vi.fn<AuditWriterEvents['tooLate']>(),
};

let sink: InMemoryAuditSink;

beforeEach(() => {
  vi.useFakeTimers();
  Object.values(events).forEach((event) => event.mockReset());
  sink = new InMemoryAuditSink();
});
afterEach(() => vi.useRealTimers());

async function opened(options: Partial<AuditWriterOptions> = {}): Promise<AuditWriter> {
  const writer = new AuditWriter({
    writer: 'w1',
    sinks: [sink],
    strict: false,
    maxRecords: 3,
    maxDelayMs: 100,
    maxQueue: 5,
    anchorEvery: 1_000,
    now: () => Date.now(),
    events,
    ...options,
  });
  await writer.open('1.2.3');
  return writer;
}

const stored = (): readonly unknown[] => sink.entries.map(({ event, callId }) => callId ?? event);
const verified = async (): Promise<boolean> => (await verifyAuditLines(() => sink.read(), sink.name)).ok;
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);

describe('an audit writer', () => {
  it('[A9] begins with an opening mark that names version, algorithm and the trails before it', async () => {
    await opened();
    const second = new InMemoryAuditSink();
    await second.append(sink.records, true);
    await opened({ writer: 'w2', sinks: [second], key: 'k'.repeat(32) });
    expect(second.entries[1]).toMatchObject({
      writer: 'w2',
      seq: 0,
      event: 'open',
      details: {
        rookery: '1.2.3',
        algorithm: 'hmac-sha256',
        strict: false,
        previous: [{ writer: 'w1', seq: 0, sink: 'memory' }],
      },
    });
  });

  it('writes a batch when it is full', async () => {
    const writer = await opened();
    ['a', 'b'].forEach((id) => writer.add(entry(id)));
    await settle();
    expect(stored()).toEqual(['open']);
    writer.add(entry('c'));
    await settle();
    expect(stored()).toEqual(['open', 'a', 'b', 'c']);
    expect(sink.appends).toEqual({ all: 2, durable: 1 });
  });

  it('[A9] writes of what is not JSON that it was there, and everything else', async () => {
    const writer = await opened();
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    writer.add(entry('a'));
    writer.add({ ...entry('b'), arguments: { cycle } });
    writer.add(entry('c'));
    await settle();
    expect(stored()).toEqual(['open', 'a', 'b', 'c']);
    expect(sink.entries[2]).toMatchObject({ reason: expect.stringContaining('not JSON') });
    expect(await verified()).toBe(true);
  });

  it('lets a few wait that came while a batch was written', async () => {
    const writer = await opened();
    ['a', 'b', 'c', 'd'].forEach((id) => writer.add(entry(id)));
    await vi.advanceTimersByTimeAsync(99);
    expect(stored()).toEqual(['open', 'a', 'b', 'c']);
    await vi.advanceTimersByTimeAsync(1);
    expect(stored()).toEqual(['open', 'a', 'b', 'c', 'd']);
  });

  it('writes what has waited long enough', async () => {
    const writer = await opened();
    writer.add(entry('a'));
    await vi.advanceTimersByTimeAsync(99);
    expect(stored()).toEqual(['open']);
    await vi.advanceTimersByTimeAsync(1);
    expect(stored()).toEqual(['open', 'a']);
  });

  it('[A9] makes durable what somebody waits for, everybody with one append', async () => {
    const writer = await opened({ maxRecords: 100 });
    const tickets = ['a', 'b', 'c'].map((id) => writer.add(entry(id)));
    expect(await Promise.all(tickets.map((ticket) => writer.durable(ticket, 1_000)))).toEqual([true, true, true]);
    expect(sink.appends).toEqual({ all: 2, durable: 2 });
    expect(await writer.durable(tickets[0]!, 1_000)).toBe(true);
  });

  it('makes durable what was written before without it', async () => {
    const writer = await opened();
    const ticket = writer.add(entry('a'));
    await vi.advanceTimersByTimeAsync(100);
    expect(sink.appends.durable).toBe(1);
    expect(await writer.durable(ticket, 1_000)).toBe(true);
    expect(sink.appends.durable).toBe(2);
  });

  it('makes every batch durable in strict mode', async () => {
    const writer = await opened({ strict: true });
    writer.add(entry('a'));
    await settle();
    expect(sink.appends).toEqual({ all: 2, durable: 2 });
  });

  it('[A9] loses nothing to a sink that fails, and is not available meanwhile', async () => {
    const writer = await opened();
    sink.failure = new Error('ENOSPC');
    ['a', 'b', 'c', 'd'].forEach((id) => writer.add(entry(id)));
    await settle();
    expect([writer.available, writer.failingSince]).toEqual([false, Date.now()]);
    expect(events.failing).toHaveBeenCalledExactlyOnceWith('memory', sink.failure);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(stored()).toEqual(['open']);
    sink.failure = undefined;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(stored()).toEqual(['open', 'a', 'b', 'c', 'd']);
    expect(writer.available).toBe(true);
    expect(events.recovered).toHaveBeenCalledOnce();
    expect(await verified()).toBe(true);
  });

  it('brings a batch to every sink once, when one of them fails', async () => {
    const other = new InMemoryAuditSink();
    const writer = await opened({ sinks: [sink, other] });
    other.failure = new Error('down');
    ['a', 'b', 'c'].forEach((id) => writer.add(entry(id)));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sink.appends.all).toBe(2);
    other.failure = undefined;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(other.records).toEqual(sink.records);
    expect(sink.appends.all).toBe(2);
  });

  it('is not durable when the time is over, and tells so', async () => {
    const writer = await opened();
    sink.failure = new Error('down');
    const waiting = writer.durable(writer.add(entry('a')), 500);
    await vi.advanceTimersByTimeAsync(500);
    expect(await waiting).toBe(false);
  });

  it('[A9] records how many calls were refused while it could not write', async () => {
    const writer = await opened();
    sink.failure = new Error('down');
    ['a', 'b', 'c'].forEach((id) => writer.add(entry(id)));
    await settle();
    for (let call = 0; call < 1_000; call++) writer.refused();
    sink.failure = undefined;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(sink.entries.at(-1)).toMatchObject({ event: 'refused', outcome: 'overloaded', details: { calls: 1_000 } });
  });

  it('is not available while its queue is full', async () => {
    const writer = await opened();
    sink.failure = new Error('down');
    for (let record = 0; record < 9; record++) writer.add(entry(String(record)));
    await settle();
    expect([writer.available, writer.pending]).toEqual([false, 9]);
  });

  it('lets callers wait until it works again, or until they can wait no longer', async () => {
    const writer = await opened();
    sink.failure = new Error('down');
    ['a', 'b', 'c'].forEach((id) => writer.add(entry(id)));
    await settle();
    const impatient = writer.usable(10);
    const gone = new AbortController();
    const aborted = writer.usable(60_000, gone.signal);
    const patient = writer.usable(60_000);
    gone.abort();
    await vi.advanceTimersByTimeAsync(1_000);
    sink.failure = undefined;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await Promise.all([impatient, aborted, patient])).toEqual([false, false, true]);
    expect(await writer.usable(10)).toBe(true);
  });

  it('lets as many wait as its queue is long', async () => {
    const writer = await opened();
    sink.failure = new Error('down');
    ['a', 'b', 'c'].forEach((id) => writer.add(entry(id)));
    await settle();
    const waiting = Array.from({ length: 5 }, () => writer.usable(1_000));
    expect(await writer.usable(1_000)).toBe(false);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await Promise.all(waiting)).toEqual([false, false, false, false, false]);
  });

  it('lets callers wait for room when a whole batch is gathered, so that a crash loses no more', async () => {
    const writer = await opened();
    sink.failure = new Error('down');
    for (let record = 0; record < 6; record++) writer.add(entry(String(record)));
    await settle();
    expect(writer.crowded).toBe(true);
    const waiting = writer.room(60_000);
    sink.failure = undefined;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(await waiting).toBe(true);
    expect(writer.crowded).toBe(false);
  });

  it('[A9] ends with what is left and a closing mark', async () => {
    const writer = await opened();
    writer.add(entry('a'));
    expect(await writer.close(1_000)).toBe(0);
    expect(stored()).toEqual(['open', 'a', 'close']);
    expect(await writer.close(1_000)).toBe(0);
    writer.add(entry('late'));
    expect(events.tooLate).toHaveBeenCalledOnce();
  });

  it('[A9] tells how many records an end has lost when the sink is failing to the last', async () => {
    const writer = await opened();
    sink.failure = new Error('down');
    ['a', 'b'].forEach((id) => writer.add(entry(id)));
    const closing = writer.close(1_000);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await closing).toBe(3);
  });

  it('[A9] anchors its head at the start, every so many records, and at its end', async () => {
    const anchors = new InMemoryAuditAnchors();
    const put = vi.spyOn(anchors, 'put');
    const writer = await opened({ anchors, anchorEvery: 3 });
    ['a', 'b', 'c'].forEach((id) => writer.add(entry(id)));
    await vi.advanceTimersByTimeAsync(100);
    await writer.close(1_000);
    expect(put.mock.calls.map(([{ seq }]) => seq)).toEqual([0, 4, 6]);
    expect(stored()).toEqual(['open', 'anchor', 'a', 'b', 'c', 'anchor', 'close']);
    const heads = await anchors.all();
    const places = [{ sink: 'memory', where: '' }];
    expect(heads).toEqual([{ writer: 'w1', seq: 6, hash: sink.records[6]?.hash, places }]);
  });

  it('goes on when the store of anchors fails, and tells of it', async () => {
    const anchors = new InMemoryAuditAnchors();
    const failure = new Error('store down');
    vi.spyOn(anchors, 'put').mockRejectedValue(failure);
    const writer = await opened({ anchors, anchorEvery: 1 });
    writer.add(entry('a'));
    await vi.advanceTimersByTimeAsync(100);
    expect([stored(), writer.available]).toEqual([['open', 'a'], true]);
    expect(events.anchored).toHaveBeenCalledWith(failure);
  });

  it('[A9] removes what is too old, after it has recorded that', async () => {
    await opened();
    vi.setSystemTime(Date.now() + 10_000);
    const anchors = new InMemoryAuditAnchors();
    await anchors.put({ ...sink.records[0]!, places: [] });
    const open = opened({ writer: 'w2', retentionMs: 5_000, anchors });
    await vi.advanceTimersByTimeAsync(100);
    await open;
    expect(sink.entries.map(({ writer }) => writer)).not.toContain('w1');
    expect(sink.entries.find(({ event }) => event === 'retention')).toMatchObject({
      details: { removed: [{ writer: 'w1', seq: 0, where: 'memory' }] },
    });
    expect(await verifyAuditLines(() => sink.read(), sink.name, { heads: await anchors.all() })).toMatchObject({
      ok: true,
    });
    expect((await anchors.all()).map(({ writer }) => writer)).toEqual(['w2']);
  });

  it('writes outside of the context in which a record was added', async () => {
    const context = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const append = sink.append.bind(sink);
    vi.spyOn(sink, 'append').mockImplementation((records, durable) => {
      seen.push(context.getStore());
      return append(records, durable);
    });
    const writer = await opened();
    await context.run('a transaction', () => writer.durable(writer.add(entry('a')), 1_000));
    expect(seen).toEqual([undefined, undefined]);
  });

  it('does not open when a sink cannot take the opening mark', async () => {
    sink.failure = new Error('read-only');
    await expect(opened()).rejects.toThrow('read-only');
  });
});
