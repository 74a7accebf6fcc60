import { AuditSink, type AuditLine, type RemovableRecords } from './audit-sink.js';
import type { AuditHead, SealedRecord } from './hash-chain.js';

/** Keeps records in this process: for tests. */
export class InMemoryAuditSink extends AuditSink {
  override readonly name = 'memory';
  /** While set, every `append` fails with it. */
  failure: Error | undefined;
  /** How many appends there were, and how many of them were to be durable. */
  readonly appends = { all: 0, durable: 0 };
  #records: readonly SealedRecord[] = [];
  #writer = '';

  /** What was stored, in its order. */
  get records(): readonly SealedRecord[] {
    return this.#records;
  }

  /** The stored lines, parsed. */
  get entries(): readonly Readonly<Record<string, unknown>>[] {
    return this.#records.map(({ line }) => JSON.parse(line) as Record<string, unknown>);
  }

  override open(writer: string): Promise<readonly AuditHead[]> {
    this.#writer = writer;
    const heads = new Map(this.#records.map(({ writer: of, seq, hash }) => [of, { writer: of, seq, hash }]));
    return Promise.resolve([...heads.values()]);
  }

  override append(records: readonly SealedRecord[], durable: boolean): Promise<void> {
    this.appends.all++;
    if (durable) this.appends.durable++;
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const known = new Set(this.#records.map(({ writer, seq }) => `${writer}/${seq}`));
    const added = records.filter(({ writer, seq }) => !known.has(`${writer}/${seq}`));
    this.#records = [...this.#records, ...added];
    return Promise.resolve();
  }

  override removable(before: number | undefined): Promise<readonly RemovableRecords[]> {
    const found = new Map<string, RemovableRecords>();
    for (const { writer, seq, hash, at } of this.#records) {
      if (before !== undefined && at < before && writer !== this.#writer) {
        found.set(writer, { writer, seq, hash, where: 'memory' });
      }
    }
    return Promise.resolve([...found.values()]);
  }

  override remove(records: readonly RemovableRecords[]): Promise<void> {
    const through = new Map(records.map(({ writer, seq }) => [writer, seq]));
    this.#records = this.#records.filter(({ writer, seq }) => seq > (through.get(writer) ?? -1));
    return Promise.resolve();
  }

  override async *read(): AsyncIterable<AuditLine> {
    let line = 0;
    for (const record of this.#records) {
      yield { source: 'memory', line: ++line, bytes: Buffer.from(record.line), terminated: true };
    }
  }

  override close(): Promise<void> {
    return Promise.resolve();
  }
}
