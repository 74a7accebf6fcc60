import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InMemoryAuditAnchors } from './audit-anchors.js';
import { describeAuditAnchors, describeAuditSink } from './audit-sink.contract.js';
import { FileAuditSink } from './file-audit-sink.js';
import { HashChain, chainDigest } from './hash-chain.js';
import { InMemoryAuditSink } from './in-memory-audit-sink.js';
import { StdoutAuditSink } from './stdout-audit-sink.js';

describeAuditSink({ describe, it, expect }, 'in memory', () => {
  const sink = new InMemoryAuditSink();
  return { sink: () => sink };
});

describeAuditSink({ describe, it, expect }, 'files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rookery-sink-'));
  return {
    sink: () => new FileAuditSink({ path: join(folder, 'audit.jsonl'), maxBytes: 1_000, maxFiles: 100 }),
    clear: () => Promise.resolve(rmSync(folder, { recursive: true })),
  };
});

describeAuditAnchors({ describe, it, expect }, 'in memory', () => new InMemoryAuditAnchors());

describe('records on stdout', () => {
  const record = new HashChain('w', chainDigest()).seal({ at: 1, event: 'open', entry: '{"a":1}' });

  it('are one line each', async () => {
    const written: unknown[] = [];
    const sink = new StdoutAuditSink({
      write: (text: unknown, done: unknown) => {
        written.push(text);
        (done as () => void)();
        return true;
      },
    });
    await sink.append([record, record]);
    expect(written).toEqual([`${record.line}\n${record.line}\n`]);
  });

  it('fail with the stream', async () => {
    const sink = new StdoutAuditSink({
      write: (_: unknown, done: unknown) => {
        (done as (error: Error) => void)(new Error('EPIPE'));
        return false;
      },
    });
    await expect(sink.append([record])).rejects.toThrow('EPIPE');
  });
});
