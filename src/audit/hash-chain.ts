import { createHash, createHmac, createSecretKey, hash as hashOnce } from 'node:crypto';
import type { AuditEvent } from './audit-entry.js';

/** The version of the record's form: its key `v`. */
export const RECORD_VERSION = 1;

/** What stands in for the previous hash in a writer's first record. */
export const GENESIS: string = '0'.repeat(64);

/** A point of a chain: a record and its hash. It vouches for every record of its writer up to there. */
export interface AuditHead {
  readonly writer: string;
  readonly seq: number;
  /** 64 lower-case hexadecimal digits. */
  readonly hash: string;
}

/** A head, and in which kind of sink it was found. */
export interface NamedHead extends AuditHead {
  readonly sink: string;
}

/** A record as sinks store it. */
export interface SealedRecord extends AuditHead {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly event: AuditEvent;
  /** The whole record: one line of JSON without its line end. */
  readonly line: string;
}

/** What is to be sealed: an entry as JSON, and what sinks index it by. */
export interface UnsealedRecord {
  readonly at: number;
  readonly event: AuditEvent;
  /** An `AuditEntry` as a JSON object. */
  readonly entry: string;
}

/** The hash of a record after the one with the hash `previous`. */
export type ChainDigest = (previous: string, body: string | Uint8Array) => string;

/** `,"hash":"` and 64 digits and `"}`: how every record ends. */
export const HASH_SUFFIX_LENGTH = 75;

/**
 * SHA-256 over the previous hash and the record without its own. That shows every change to whoever knows a later
 * head; with a key it is an HMAC, and nobody without the key can make a chain at all.
 */
export function chainDigest(key?: string): ChainDigest {
  if (key === undefined) return sha256;
  const secret = createSecretKey(key, 'utf8');
  return (previous, body) => createHmac('sha256', secret).update(previous).update(body).digest('hex');
}

/** A text is hashed in one step, at two thirds of the cost. */
function sha256(previous: string, body: string | Uint8Array): string {
  if (typeof body === 'string') return hashOnce('sha256', previous + body, 'hex');
  return createHash('sha256').update(previous).update(body).digest('hex');
}

/** One writer's chain of records, as it grows. */
export class HashChain {
  #seq = -1;
  #previous = GENESIS;

  constructor(
    readonly writer: string,
    private readonly digest: ChainDigest,
  ) {}

  /** The last record; `undefined` before the first. */
  get head(): AuditHead | undefined {
    return this.#seq < 0 ? undefined : { writer: this.writer, seq: this.#seq, hash: this.#previous };
  }

  /** Adds a record. Its bytes are what is hashed, so no canonical form has to be agreed on. */
  seal({ at, event, entry }: UnsealedRecord): SealedRecord {
    const { writer } = this;
    const seq = this.#seq + 1;
    const previous = this.#previous;
    const open = `{"v":${RECORD_VERSION},"writer":"${writer}","seq":${seq},${entry.slice(1, -1)},"previous":"${previous}"`;
    // One text, put together once: both parts of it are looked at again.
    const hashed = `${previous}${open}}`;
    const hash = this.digest('', hashed);
    this.#seq = seq;
    this.#previous = hash;
    return { writer, seq, hash, at, event, line: `${hashed.slice(previous.length, -1)},"hash":"${hash}"}` };
  }
}
