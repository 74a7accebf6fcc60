import type { AuditHead, SealedRecord } from './hash-chain.js';

/** Records that are removed, or may be: those of a writer up to and with a sequence number. */
export interface RemovableRecords extends AuditHead {
  /** Where they stand, for the sink itself and for people: the name of a file, a table. */
  readonly where: string;
}

/** A stored record, as its bytes are. */
export interface AuditLine {
  /** Where it stands: the name of a file, a table. */
  readonly source: string;
  /** Counted from 1 within the source. */
  readonly line: number;
  readonly bytes: Uint8Array;
  /** Whether its line end is there; what a crash interrupted has none. */
  readonly terminated: boolean;
}

/** Where audit records go. One writer writes into it at a time; every process is a writer of its own. */
export abstract class AuditSink {
  /** Of bounded number: a label in metrics. */
  abstract readonly name: string;

  /**
   * In which of its kind the records are, by the same words for everybody who writes there: the host and path of files,
   * the name of a database connection. Anchors say it, so that a trail is missed only where it should be.
   *
   * @default '' - there is one of its kind
   */
  readonly where: string = '';

  /**
   * Makes ready to take the records of this writer.
   *
   * @returns the heads of the trails found, newest last: the new trail names them, so that their loss is noticed
   * @throws Error saying what to repair; it stops the start
   */
  abstract open(writer: string): Promise<readonly AuditHead[]>;

  /**
   * Adds records, all or none: after a failure the same records are given again, and are stored once.
   *
   * @param durable - resolve when they are safe from a crash of the machine too, not of the process only; with no
   *   records, those from before are meant
   * @throws the error of the disk or database
   */
  abstract append(records: readonly SealedRecord[], durable: boolean): Promise<void>;

  /** What has become too old or too much, oldest first; nothing that is still being written to. */
  abstract removable(before: number | undefined): Promise<readonly RemovableRecords[]>;

  /** Removes what {@link removable} named. What is gone already is no error. */
  abstract remove(records: readonly RemovableRecords[]): Promise<void>;

  /** Every record, each writer's in its order. @throws Error for a sink that cannot be read */
  abstract read(): AsyncIterable<AuditLine>;

  /** Ends the writing. Idempotent. */
  abstract close(): Promise<void>;
}
