import type { AuditAnchor, AuditAnchors } from './audit-anchors.js';
import type { AuditSink } from './audit-sink.js';
import { verifyAuditLines } from './audit-verifier.js';
import { HashChain, chainDigest, type SealedRecord } from './hash-chain.js';

/** What a test runner gives to a contract suite: vitest and Jest both have it. */
export interface ContractTools {
  readonly describe: (name: string, suite: () => void) => void;
  readonly it: (name: string, test: () => Promise<void>) => void;
  readonly expect: (value: unknown) => { toEqual: (expected: unknown) => void };
}

/** Storage that is empty at first; every sink made from it sees the same records, as after a restart. */
export interface SinkStorage {
  readonly sink: () => AuditSink | Promise<AuditSink>;
  readonly clear?: () => Promise<void>;
}

/** What every {@link AuditSink} that can be read back must do. */
export function describeAuditSink(
  { describe, it, expect }: ContractTools,
  name: string,
  makeStorage: () => SinkStorage | Promise<SinkStorage>,
): void {
  const using = async (test: (storage: SinkStorage) => Promise<void>): Promise<void> => {
    const storage = await makeStorage();
    try {
      await test(storage);
    } finally {
      await storage.clear?.();
    }
  };

  describe(`AuditSink: ${name}`, () => {
    it('keeps records as they are, in their order', () =>
      using(async ({ sink: make }) => {
        const sink = await make();
        const records = sealed('w1', 5);
        expect(await sink.open('w1')).toEqual([]);
        await sink.append(records.slice(0, 2), true);
        await sink.append(records.slice(2), false);
        await sink.append([], true);
        expect(await linesOf(sink)).toEqual(records.map(({ line }) => line));
        await sink.close();
      }));

    it('makes one chain of its batches', () =>
      using(async ({ sink: make }) => {
        const sink = await make();
        const records = sealed('w1', 3);
        await sink.open('w1');
        await sink.append(records.slice(0, 1), true);
        await sink.append(records.slice(1), true);
        const { ok, records: found } = await verifyAuditLines(() => sink.read(), sink.name);
        expect([ok, found]).toEqual([true, 3]);
        await sink.close();
      }));

    it('names the heads of earlier trails when it is opened again', () =>
      using(async ({ sink: make }) => {
        const first = await make();
        const records = sealed('w1', 3);
        await first.open('w1');
        await first.append(records, true);
        await first.close();
        const second = await make();
        const { writer, seq, hash } = records[2] as SealedRecord;
        expect(await second.open('w2')).toEqual([{ writer, seq, hash }]);
        await second.append(sealed('w2', 2), true);
        expect((await linesOf(second)).length).toEqual(5);
        await second.close();
      }));

    it('removes what it names as removable, and nothing of the writer that writes', () =>
      using(async ({ sink: make }) => {
        const first = await make();
        await first.open('w1');
        await first.append(sealed('w1', 3, 1_000), true);
        await first.close();
        const second = await make();
        const kept = sealed('w2', 2, Date.now() + 3_600_000);
        await second.open('w2');
        await second.append(kept, true);
        expect(await second.removable(undefined)).toEqual([]);
        const removable = await second.removable(Date.now() + 1_000);
        expect(removable.map(({ writer, seq }) => [writer, seq])).toEqual([['w1', 2]]);
        await second.remove(removable);
        await second.remove(removable);
        expect(await linesOf(second)).toEqual(kept.map(({ line }) => line));
        await second.close();
      }));

    it('ends more than once', () =>
      using(async ({ sink: make }) => {
        const sink = await make();
        await sink.open('w1');
        await sink.close();
        expect(await sink.close()).toEqual(undefined);
      }));
  });
}

/** What every {@link AuditAnchors} must do. */
export function describeAuditAnchors(
  { describe, it, expect }: ContractTools,
  name: string,
  make: () => AuditAnchors | Promise<AuditAnchors>,
): void {
  const head = (writer: string, seq: number): AuditAnchor => ({
    writer,
    seq,
    hash: String(seq % 10).repeat(64),
    places: [
      { sink: 'file', where: `host:/srv/${writer}/é "quoted".jsonl` },
      { sink: 'stdout', where: '' },
    ],
  });

  describe(`AuditAnchors: ${name}`, () => {
    it('keeps the last head of each writer', async () => {
      const anchors = await make();
      for (const one of [head('a', 0), head('b', 5), head('a', 7)]) await anchors.put(one);
      expect((await anchors.all()).toSorted(byWriter)).toEqual([head('a', 7), head('b', 5)]);
    });

    it('never goes back', async () => {
      const anchors = await make();
      await anchors.put(head('a', 7));
      await anchors.put({ ...head('a', 7), hash: 'f'.repeat(64) });
      await anchors.put(head('a', 3));
      expect(await anchors.all()).toEqual([head('a', 7)]);
    });

    it('forgets a writer', async () => {
      const anchors = await make();
      await anchors.put(head('a', 7));
      await anchors.forget('a');
      await anchors.forget('a');
      expect(await anchors.all()).toEqual([]);
    });
  });
}

function byWriter(one: { readonly writer: string }, other: { readonly writer: string }): number {
  return one.writer < other.writer ? -1 : 1;
}

function sealed(writer: string, count: number, at: number = Date.now()): readonly SealedRecord[] {
  const chain = new HashChain(writer, chainDigest());
  return Array.from({ length: count }, (_, index) => {
    const event = index === 0 ? 'open' : 'call';
    return chain.seal({
      at,
      event,
      entry: JSON.stringify({ time: new Date(at).toISOString(), event, name: `é${index}` }),
    });
  });
}

async function linesOf(sink: AuditSink): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const { bytes } of sink.read()) lines.push(Buffer.from(bytes).toString('utf8'));
  return lines;
}
