import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { InMemoryAuditAnchors } from './audit-anchors.js';
import { auditPathOnHost, readAuditLines } from './audit-files.js';
import { HashChain, chainDigest } from './hash-chain.js';
import { formatVerification } from './verification.js';
import { verifyAuditFiles } from './verify-audit-files.js';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'rookery-verify-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function written(name: string, closed: boolean, key?: string): { path: string; chain: HashChain } {
  const chain = new HashChain('w1', chainDigest(key));
  const events = ['open', 'call', closed ? 'close' : 'call'] as const;
  const lines = events.map((event) => chain.seal({ at: 1, event, entry: JSON.stringify({ event }) }).line);
  const path = join(folder, name);
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  return { path, chain };
}

describe('verifyAuditFiles', () => {
  it('[A9] takes a file, a folder, or the path of the sink', async () => {
    const { path } = written('audit.w1.000000.jsonl', true);
    for (const place of [path, [path], folder, join(folder, 'audit.jsonl')]) {
      expect(await verifyAuditFiles(place)).toMatchObject({ ok: true, records: 3, problems: [] });
    }
  });

  it('says what to name when there is nothing', async () => {
    await expect(verifyAuditFiles(join(folder, 'nothing'))).rejects.toThrow('There are no audit files at');
    await expect(verifyAuditFiles(folder)).rejects.toThrow('Name a file, a folder, or the path of the sink');
  });

  it('[A9] goes by a key and by anchors', async () => {
    const key = 'k'.repeat(32);
    const { path, chain } = written('a.jsonl', false, key);
    const anchors = new InMemoryAuditAnchors();
    await anchors.put({ ...chain.head!, seq: 9, places: [] });
    const report = await verifyAuditFiles(path, { key, anchors });
    expect(report.problems.map(({ kind }) => kind)).toEqual(['unclean_end', 'truncated']);
  });

  describe('[A9] of the trails that were anchored', () => {
    const missed = async (...places: { writer: string; sink?: string; where: string }[]): Promise<unknown> => {
      written('audit.w1.000000.jsonl', true);
      const anchors = new InMemoryAuditAnchors();
      for (const { writer, sink = 'file', where } of places) {
        await anchors.put({ writer, seq: 0, hash: 'f'.repeat(64), places: [{ sink, where }] });
      }
      const { problems } = await verifyAuditFiles(join(folder, 'audit.jsonl'), { anchors });
      return problems.filter(({ kind }) => kind === 'missing').map(({ writer }) => writer);
    };
    const here = (): string => auditPathOnHost(join(folder, 'audit.jsonl'));

    it('misses those that belong here', async () => {
      expect(await missed({ writer: 'w0', where: here() })).toEqual(['w0']);
    });

    it('does not miss those of another kind of sink, another path or another host', async () => {
      expect(
        await missed(
          { writer: 'other-kind', sink: 'stdout', where: '' },
          { writer: 'same-words', sink: 'database', where: here() },
          { writer: 'other-path', where: auditPathOnHost(join(folder, 'other.jsonl')) },
          { writer: 'other-host', where: `elsewhere:${join(folder, 'audit.jsonl')}` },
        ),
      ).toEqual([]);
    });

    it('misses, in a copy, those that were written where the others were', async () => {
      const origin = 'elsewhere:/srv/audit.jsonl';
      expect(
        await missed(
          { writer: 'w1', where: origin },
          { writer: 'w0', where: origin },
          { writer: 'w9', where: 'elsewhere:/srv/other.jsonl' },
        ),
      ).toEqual(['w0']);
    });

    it('compares one that is found, wherever it belongs', async () => {
      written('audit.w1.000000.jsonl', true);
      const anchors = new InMemoryAuditAnchors();
      await anchors.put({ writer: 'w1', seq: 9, hash: 'f'.repeat(64), places: [{ sink: 'stdout', where: '' }] });
      const { problems } = await verifyAuditFiles(join(folder, 'audit.jsonl'), { anchors });
      expect(problems.map(({ kind }) => kind)).toEqual(['truncated']);
    });
  });

  it('passes over the rest of a line that is no record for its length', async () => {
    const path = join(folder, 'long');
    writeFileSync(path, `${'x'.repeat(3_000_000)}\nshort\n`);
    const lengths: number[] = [];
    for await (const { bytes } of readAuditLines(path)) lengths.push(bytes.length);
    expect(lengths[0]).toBeLessThan(1_500_000);
    expect(lengths[1]).toBe(5);
  });
});

describe('formatVerification', () => {
  it('[A9] tells people what was found, and where', async () => {
    const { path } = written('a.jsonl', false);
    const text = formatVerification(await verifyAuditFiles(path));
    expect(text).toMatch(
      /^ok: 3 records in 1 trail, 0 errors, 1 warning\n {2}w1: records 0 to 2, not closed, head [0-9a-f]{16}…\n/,
    );
    expect(text).toMatch(/warning unclean_end: w1 has no closing mark: .* Records after 2 may be missing\.$/);
    writeFileSync(path, 'x\n');
    expect(formatVerification(await verifyAuditFiles(path))).toBe(
      `NOT OK: 0 records in 0 trails, 1 error, 0 warnings\nerror malformed at ${path}:1: Line 1 is no audit record.`,
    );
  });
});
