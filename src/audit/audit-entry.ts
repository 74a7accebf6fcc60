import type { CallKind, CallNote, OutcomeCode } from '../core/index.js';

/**
 * What a record is about: a `call` that ended, an attempt `refused` before it became one, an `operation` or
 * `file_access` that a tool recorded itself, and the marks of the trail: a writer's `open` and `close`, an `anchor` that
 * was put into the store, records removed by `retention`.
 */
export type AuditEvent = 'call' | 'refused' | 'operation' | 'file_access' | 'open' | 'close' | 'anchor' | 'retention';

/** Who did it, as records name them. */
export interface AuditedPrincipal {
  readonly id: string;
  readonly issuer?: string | undefined;
  readonly tenant?: string | undefined;
}

/** A record before it is sealed into the chain, which adds version, writer, sequence number and hashes. */
export interface AuditEntry {
  /** ISO 8601 with milliseconds, UTC. */
  readonly time: string;
  readonly event: AuditEvent;
  /** The correlation id of the call. */
  readonly callId?: string | undefined;
  /** The call in whose course this one was made. */
  readonly parentId?: string | undefined;
  /** Nobody was known when this is missing. */
  readonly principal?: AuditedPrincipal | undefined;
  /** Who acted on behalf of the principal. */
  readonly actor?: string | undefined;
  readonly remoteAddress?: string | undefined;
  readonly kind?: CallKind | 'request' | undefined;
  /** The target's name; of a target that does not exist the name that was asked for, cut and redacted. */
  readonly target?: string | undefined;
  /** The URI of a resource that was found by a template. */
  readonly name?: string | undefined;
  readonly outcome?: OutcomeCode | undefined;
  /** The rule that refused. */
  readonly rule?: string | undefined;
  /** The true reason, which the caller may not have been told. */
  readonly reason?: string | undefined;
  /** What would have been refused, were rules not only reported. */
  readonly notes?: readonly CallNote[] | undefined;
  readonly durationMs?: number | undefined;
  /** Redacted and bounded. */
  readonly arguments?: unknown;
  /** Of a tool's own record. */
  readonly operation?: string | undefined;
  readonly resourceType?: string | undefined;
  readonly resourceId?: string | undefined;
  readonly path?: string | undefined;
  readonly bytes?: number | undefined;
  readonly success?: boolean | undefined;
  /** Redacted and bounded; of marks, what they say. */
  readonly details?: unknown;
}

/** An entry as JSON. One that cannot be written so says that, rather than keep the others from being written. */
export function entryText(entry: AuditEntry): string {
  try {
    return JSON.stringify(entry);
  } catch {
    const { time, event, callId, parentId, principal, kind, target, outcome } = entry;
    const reason = 'The details of this record are not JSON, and were left out.';
    return JSON.stringify({ time, event, callId, parentId, principal, kind, target, outcome, reason });
  }
}
