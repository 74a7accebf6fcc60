import type { Writable } from 'node:stream';
import { AuditSink, type AuditLine, type RemovableRecords } from './audit-sink.js';
import type { AuditHead, SealedRecord } from './hash-chain.js';

/** Hands records to whatever reads stdout. What that does with them is out of sight: nothing can be read back or removed. */
export class StdoutAuditSink extends AuditSink {
  override readonly name = 'stdout';

  constructor(private readonly output: Pick<Writable, 'write'>) {
    super();
  }

  override open(): Promise<readonly AuditHead[]> {
    return Promise.resolve([]);
  }

  override append(records: readonly SealedRecord[]): Promise<void> {
    if (records.length === 0) return Promise.resolve();
    const text = records.map(({ line }) => `${line}\n`).join('');
    return new Promise((resolve, reject) => {
      this.output.write(text, (error) => (error === null || error === undefined ? resolve() : reject(error)));
    });
  }

  override removable(): Promise<readonly RemovableRecords[]> {
    return Promise.resolve([]);
  }

  override remove(): Promise<void> {
    return Promise.resolve();
  }

  // oxlint-disable-next-line require-yield -- there is nothing to read
  override async *read(): AsyncIterable<AuditLine> {
    throw new Error('Records on stdout cannot be read back; save what the collector kept and verify that file.');
  }

  override close(): Promise<void> {
    return Promise.resolve();
  }
}
