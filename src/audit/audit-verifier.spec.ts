import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AuditEvent } from './audit-entry.js';
import type { AuditLine } from './audit-sink.js';
import { verifyAuditLines, type VerifierOptions } from './audit-verifier.js';
import { HashChain, chainDigest, type AuditHead, type SealedRecord } from './hash-chain.js';
import type { AuditVerification } from './verification.js';

interface TrailOptions {
  readonly writer?: string;
  readonly records?: number;
  readonly key?: string;
  readonly closed?: boolean;
  readonly previous?: readonly AuditHead[];
  readonly removed?: readonly AuditHead[];
}

function trail({
  writer = 'w1',
  records = 6,
  key,
  closed = true,
  previous = [],
  removed,
}: TrailOptions = {}): readonly SealedRecord[] {
  const chain = new HashChain(writer, chainDigest(key));
  return Array.from({ length: records }, (_, index) => {
    let event: AuditEvent = 'call';
    if (index === 0) event = 'open';
    else if (closed && index === records - 1) event = 'close';
    else if (removed !== undefined && index === 1) event = 'retention';
    const details = event === 'open' ? { previous } : event === 'retention' ? { removed } : undefined;
    return chain.seal({
      at: index,
      event,
      entry: JSON.stringify({ time: `t${index}`, event, name: 'héllo', details }),
    });
  });
}

const textOf = (records: readonly SealedRecord[]): Buffer =>
  Buffer.from(records.map(({ line }) => `${line}\n`).join(''));
const headOf = (records: readonly SealedRecord[]): AuditHead => records.at(-1) as SealedRecord;

async function* linesIn(bytes: Buffer): AsyncIterable<AuditLine> {
  let line = 0;
  for (let from = 0; from < bytes.length;) {
    const end = bytes.indexOf(0x0a, from);
    const until = end < 0 ? bytes.length : end;
    yield { source: 'f', line: ++line, bytes: bytes.subarray(from, until), terminated: end >= 0 };
    from = until + 1;
  }
}

const verify = (bytes: Buffer, options?: VerifierOptions): Promise<AuditVerification> =>
  verifyAuditLines(() => linesIn(bytes), 'file', options);
const kinds = ({ problems }: AuditVerification): readonly string[] => problems.map(({ kind }) => kind);

describe('the verification of audit trails', () => {
  it('[A9] finds nothing wrong with a trail that ended in order', async () => {
    const records = trail();
    const report = await verify(textOf(records), { heads: [headOf(records)] });
    expect(report).toMatchObject({ ok: true, records: 6, problems: [], errors: 0, warnings: 0 });
    expect(report.trails).toMatchObject([{ writer: 'w1', first: 0, closed: true, records: 6, head: { seq: 5 } }]);
  });

  it('[A9] reports an unclean end as records that may be missing', async () => {
    const report = await verify(textOf(trail({ closed: false })));
    expect(report).toMatchObject({ ok: true, warnings: 1 });
    expect(report.problems[0]?.message).toContain('Records after 5 may be missing.');
  });

  it('reports a last line that a crash has cut off', async () => {
    const bytes = textOf(trail({ closed: false }));
    const report = await verify(bytes.subarray(0, bytes.length - 40));
    expect(report).toMatchObject({ ok: true, errors: 0 });
    expect(kinds(report)).toEqual(['torn_line', 'unclean_end']);
  });

  it.each([
    ['a record that was changed', (lines: string[]) => lines.with(2, lines[2]!.replace('"t2"', '"tX"')), 'forged', 3],
    ['a record that was removed', (lines: string[]) => lines.toSpliced(3, 1), 'gap', 4],
    ['the first record removed', (lines: string[]) => lines.slice(1), 'gap', 1],
    ['two records swapped', (lines: string[]) => lines.with(2, lines[3]!).with(3, lines[2]!), 'gap', 3],
    ['a record given twice', (lines: string[]) => lines.toSpliced(3, 0, lines[2]!), 'broken_link', 4],
    ['a line that is no record', (lines: string[]) => lines.toSpliced(3, 0, 'hello'), 'malformed', 4],
    ['a record after the end', (lines: string[]) => [...lines, lines[2]!], 'broken_link', 7],
  ])('[A9] reports %s, and where', async (_, tamper, kind, line) => {
    const lines = trail().map((record) => record.line);
    const report = await verify(
      Buffer.from(
        tamper(lines)
          .map((one) => `${one}\n`)
          .join(''),
      ),
    );
    expect(report.ok).toBe(false);
    expect(report.problems[0]).toMatchObject({ kind, line, severity: 'error' });
  });

  it('[A9] reports a changed record whose hash was made to fit', async () => {
    const records = trail();
    const forger = new HashChain('w1', chainDigest());
    const forged = records.map(({ at, event }, index) =>
      forger.seal({
        at,
        event,
        entry: JSON.stringify({
          time: index === 2 ? 'never' : `t${index}`,
          event,
          name: 'héllo',
          details: index === 0 ? { previous: [] } : undefined,
        }),
      }),
    );
    const report = await verify(textOf([...records.slice(0, 2), forged[2]!, ...records.slice(3)]));
    expect(report.problems[0]).toMatchObject({ kind: 'broken_link', line: 4 });
    const rewritten = textOf(forged);
    expect((await verify(rewritten)).ok).toBe(true);
    expect(kinds(await verify(rewritten, { heads: [headOf(records)] }))).toEqual(['forged']);
  });

  it('[A9] reports a trail that was cut, from its anchor', async () => {
    const records = trail();
    const report = await verify(textOf(records.slice(0, 4)), { heads: [headOf(records)] });
    expect(kinds(report)).toEqual(['unclean_end', 'truncated']);
    expect(report.ok).toBe(false);
  });

  it('[A9] reports a trail that was cut or removed, from the opening mark of the next', async () => {
    const first = trail({ closed: false });
    const second = trail({ writer: 'w2', previous: [{ ...headOf(first), sink: 'file' } as AuditHead] });
    expect((await verify(Buffer.concat([textOf(first), textOf(second)]))).ok).toBe(true);
    expect(kinds(await verify(Buffer.concat([textOf(first.slice(0, 3)), textOf(second)])))).toContain('truncated');
    expect(kinds(await verify(textOf(second)))).toEqual(['missing']);
  });

  it('takes no head for its own that was found in a sink of another kind', async () => {
    const elsewhere = trail({ closed: false });
    const second = trail({ writer: 'w2', previous: [{ ...headOf(elsewhere), sink: 'database' } as AuditHead] });
    expect(await verify(textOf(second))).toMatchObject({ ok: true, problems: [] });
  });

  it('verifies several writers whose lines are mixed', async () => {
    const [one, other] = [trail(), trail({ writer: 'w2' })];
    const mixed = one.flatMap((record, index) => [record, other[index]!]);
    expect(await verify(textOf(mixed))).toMatchObject({ ok: true, problems: [], records: 12 });
  });

  it('accepts the removal of records that retention says it removed, and no more', async () => {
    const old = trail();
    const keeper = trail({ writer: 'w2', removed: [old[2] as AuditHead] });
    const kept = await verify(Buffer.concat([textOf(old.slice(3)), textOf(keeper)]), { heads: [headOf(old)] });
    expect(kept).toMatchObject({ ok: true, problems: [] });
    const more = await verify(Buffer.concat([textOf(old.slice(4)), textOf(keeper)]));
    expect(kinds(more)).toEqual(['gap']);
    const elsewhere = trail({ writer: 'w2', removed: [{ ...(old[2] as AuditHead), sink: 'database' } as AuditHead] });
    expect(kinds(await verify(Buffer.concat([textOf(old.slice(3)), textOf(elsewhere)])))).toEqual(['gap']);
    const whole = trail({ writer: 'w2', removed: [headOf(old)] });
    expect(await verify(textOf(whole), { heads: [headOf(old)] })).toMatchObject({ ok: true, problems: [] });
  });

  it('[A9] needs the key of a keyed trail, and refuses a trail that was written without it', async () => {
    const key = 'k'.repeat(32);
    expect((await verify(textOf(trail({ key })), { key })).ok).toBe(true);
    expect(kinds(await verify(textOf(trail({ key }))))).toContain('forged');
    expect(kinds(await verify(textOf(trail()), { key }))).toContain('forged');
    expect(kinds(await verify(textOf(trail({ key })), { key: 'x'.repeat(32) }))).toContain('forged');
  });

  it('[A9] notices every change of a byte, loss of a line, swap and cut', async () => {
    const records = trail({ records: 5 });
    const bytes = textOf(records);
    const heads = [headOf(records)];
    const lines = records.map(({ line }) => line);
    const position = fc.integer({ min: 0, max: bytes.length - 1 });
    const index = fc.integer({ min: 0, max: lines.length - 1 });
    const join = (some: readonly string[]): Buffer => Buffer.from(some.map((line) => `${line}\n`).join(''));
    const tampered = fc.oneof(
      fc.tuple(position, fc.integer({ min: 1, max: 255 })).map(([at, difference]) => {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] as number) ^ difference;
        return changed;
      }),
      position.map((at) => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1)])),
      position.map((length) => bytes.subarray(0, length)),
      index.map((at) => join(lines.toSpliced(at, 1))),
      fc
        .tuple(index, index)
        .filter(([one, other]) => one !== other)
        .map(([one, other]) => join(lines.with(one, lines[other]!).with(other, lines[one]!))),
    );
    await fc.assert(
      fc.asyncProperty(tampered, async (changed) => {
        const report = await verify(changed, { heads });
        expect(report.problems).not.toEqual([]);
        // Only the very last line end may go without a loss.
        if (!changed.equals(bytes.subarray(0, -1))) expect(report.ok).toBe(false);
      }),
      { numRuns: 2_000 },
    );
  });

  it('keeps the first thousand problems and counts the others', async () => {
    const report = await verify(Buffer.from('x\n'.repeat(1_500)));
    expect(report.problems).toHaveLength(1_000);
    expect(report.errors).toBe(1_500);
  });
});
