import { appendFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileAuditSink } from './file-audit-sink.js';
import { HashChain, chainDigest, type SealedRecord } from './hash-chain.js';
import { verifyAuditFiles } from './verify-audit-files.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rookery-files-'));
  path = join(folder, 'trail', 'audit.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sinkWith = (options: { maxBytes?: number; maxFiles?: number } = {}): FileAuditSink =>
  new FileAuditSink({ path, maxBytes: 1_000_000, maxFiles: 100, ...options });
const files = (): readonly string[] => readdirSync(join(folder, 'trail')).toSorted();

function sealer(writer: string): (event?: 'open' | 'call' | 'close') => readonly SealedRecord[] {
  const chain = new HashChain(writer, chainDigest());
  return (event = 'call') => [
    chain.seal({ at: Date.now(), event, entry: JSON.stringify({ event, pad: 'x'.repeat(100) }) }),
  ];
}

describe('the file sink', () => {
  it('[A9] keeps its files from others: mode 0600, one writer a file', async () => {
    const [one, other] = [sinkWith(), sinkWith()];
    await one.open('w1');
    await other.open('w2');
    expect(files()).toEqual(['audit.w1.000000.jsonl', 'audit.w2.000000.jsonl']);
    for (const name of files()) expect(statSync(join(folder, 'trail', name)).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, 'trail')).mode & 0o777).toBe(0o700);
    await one.close();
    await other.close();
  });

  it('never writes into a file that is there', async () => {
    const [one, same] = [sinkWith(), sinkWith()];
    await one.open('w1');
    await expect(same.open('w1')).rejects.toThrow('EEXIST');
    await one.close();
  });

  it('[A9] goes on in a new file when one is full, in the same chain', async () => {
    const sink = sinkWith({ maxBytes: 1_000 });
    const seal = sealer('w1');
    await sink.open('w1');
    await sink.append(seal('open'), true);
    for (let record = 0; record < 20; record++) await sink.append(seal(), false);
    await sink.append(seal('close'), true);
    await sink.close();
    expect(files().length).toBeGreaterThan(4);
    for (const name of files()) expect(statSync(join(folder, 'trail', name)).size).toBeLessThanOrEqual(1_000);
    expect(await verifyAuditFiles(path)).toMatchObject({ ok: true, records: 22, problems: [] });
    rmSync(join(folder, 'trail', files()[2]!));
    expect((await verifyAuditFiles(path)).problems[0]?.kind).toBe('gap');
  });

  it('finds the head of an earlier trail whose last line is cut off', async () => {
    const first = sinkWith();
    const seal = sealer('w1');
    await first.open('w1');
    await first.append(seal('open'), true);
    const [last] = seal();
    await first.append([last!], true);
    await first.close();
    appendFileSync(join(folder, 'trail', files()[0]!), '{"v":1,"writer":"w1","seq":2,"ti');
    const second = sinkWith();
    expect(await second.open('w2')).toEqual([{ writer: 'w1', seq: 1, hash: last!.hash }]);
    await second.close();
    expect((await verifyAuditFiles(path)).problems.map(({ kind }) => kind)).toEqual(['torn_line', 'unclean_end']);
  });

  it('goes on in a new file when somebody removes the one it writes to', async () => {
    const sink = sinkWith();
    const seal = sealer('w1');
    await sink.open('w1');
    await sink.append(seal('open'), true);
    rmSync(join(folder, 'trail', files()[0]!));
    const [kept] = seal();
    await sink.append([kept!], true);
    await sink.close();
    expect(readFileSync(join(folder, 'trail', files()[0]!), 'utf8')).toBe(`${kept!.line}\n`);
  });

  it('names the oldest files as removable when there are too many, or they are too old', async () => {
    const sink = sinkWith({ maxBytes: 1, maxFiles: 3 });
    const seal = sealer('w1');
    await sink.open('w1');
    for (let record = 0; record < 5; record++) await sink.append(seal(), false);
    const surplus = await sink.removable(undefined);
    expect(surplus.map(({ where, seq }) => [where, seq])).toEqual([
      ['audit.w1.000000.jsonl', 0],
      ['audit.w1.000001.jsonl', 1],
    ]);
    await sink.remove(surplus);
    expect(files()).toHaveLength(3);
    utimesSync(join(folder, 'trail', files()[0]!), 1, 1);
    expect((await sink.removable(Date.now() - 60_000)).map(({ seq }) => seq)).toEqual([2]);
    await sink.close();
  });
});
