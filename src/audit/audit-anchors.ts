import type { AuditHead } from './hash-chain.js';

/** Where a writer's records are: in which kind of sink, and in which of that kind. */
export interface AuditPlace {
  /** The kind: the `name` of the sink. */
  readonly sink: string;
  /** The `where` of the sink. */
  readonly where: string;
}

/** A head that was anchored, with the places in which the records up to it stand. */
export interface AuditAnchor extends AuditHead {
  readonly places: readonly AuditPlace[];
}

/**
 * Heads of audit trails, kept apart from the trails: whoever cuts or rewrites a trail cannot make it fit the anchor.
 *
 * One head a writer, the last. Each says where its trail is: several servers may share a store and write elsewhere.
 */
export abstract class AuditAnchors {
  /** Keeps a head; one that is not past what is kept of its writer changes nothing. */
  abstract put(anchor: AuditAnchor): Promise<void>;
  /** The heads of all writers. */
  abstract all(): Promise<readonly AuditAnchor[]>;
  /** Forgets a writer whose records were all removed by retention. */
  abstract forget(writer: string): Promise<void>;
}

/** Keeps heads in this process: for tests. */
export class InMemoryAuditAnchors extends AuditAnchors {
  readonly #anchors = new Map<string, AuditAnchor>();

  override put(anchor: AuditAnchor): Promise<void> {
    if (anchor.seq > (this.#anchors.get(anchor.writer)?.seq ?? -1)) this.#anchors.set(anchor.writer, anchor);
    return Promise.resolve();
  }

  override all(): Promise<readonly AuditAnchor[]> {
    return Promise.resolve([...this.#anchors.values()]);
  }

  override forget(writer: string): Promise<void> {
    this.#anchors.delete(writer);
    return Promise.resolve();
  }
}
