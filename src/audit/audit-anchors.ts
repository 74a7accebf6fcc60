import type { AuditHead } from './hash-chain.js';

/**
 * Heads of audit trails, kept apart from the trails: whoever cuts or rewrites a trail cannot make it fit the anchor.
 *
 * One head a writer, the last.
 */
export abstract class AuditAnchors {
  /** Keeps a head; one that is not past what is kept of its writer changes nothing. */
  abstract put(head: AuditHead): Promise<void>;
  /** The heads of all writers. */
  abstract all(): Promise<readonly AuditHead[]>;
  /** Forgets a writer whose records were all removed by retention. */
  abstract forget(writer: string): Promise<void>;
}

/** Keeps heads in this process: for tests. */
export class InMemoryAuditAnchors extends AuditAnchors {
  readonly #heads = new Map<string, AuditHead>();

  override put(head: AuditHead): Promise<void> {
    if (head.seq > (this.#heads.get(head.writer)?.seq ?? -1)) this.#heads.set(head.writer, head);
    return Promise.resolve();
  }

  override all(): Promise<readonly AuditHead[]> {
    return Promise.resolve([...this.#heads.values()]);
  }

  override forget(writer: string): Promise<void> {
    this.#heads.delete(writer);
    return Promise.resolve();
  }
}
