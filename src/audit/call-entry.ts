import {
  DenialReason,
  InternalError,
  isFailure,
  type Call,
  type CallNote,
  type Outcome,
  type Principal,
  type RefusedAttempt,
  type RookeryError,
  type Target,
} from '../core/index.js';
import type { AuditEntry, AuditedPrincipal } from './audit-entry.js';
import type { AuditRedactor } from './audit-redactor.js';
import { SensitiveSchema } from './sensitive-schema.js';

const MAX_NAME = 256;

/** Who called, in which call: what every record about a call begins with. */
export type CallerFields = Pick<AuditEntry, 'callId' | 'parentId' | 'principal' | 'actor' | 'remoteAddress'>;

/** Writes down calls and attempts as audit entries. */
export class CallEntries {
  readonly #sensitive = new WeakMap<Target, { readonly schema: SensitiveSchema | undefined }>();

  constructor(
    private readonly redactor: AuditRedactor,
    /** Whether arguments are recorded. */
    private readonly withArguments: boolean,
  ) {}

  /** A call that ended, however it did. */
  call(call: Call, outcome: Outcome, notes: readonly CallNote[], time: string): AuditEntry {
    const target = call.targetIfFound;
    const name = target?.name ?? this.redactor.text(call.name, MAX_NAME);
    const failure = isFailure(outcome) ? this.#failure(outcome.error) : undefined;
    const { callId, parentId, principal, actor, remoteAddress } = callerFields(call);
    return {
      time,
      event: 'call',
      callId,
      parentId,
      principal,
      actor,
      remoteAddress,
      kind: call.kind,
      target: name,
      name: target === undefined || call.name === name ? undefined : this.redactor.text(call.name, MAX_NAME),
      outcome: outcome.code,
      rule: failure?.rule,
      reason: failure?.reason,
      notes: notes.length === 0 ? undefined : notes,
      durationMs: Math.round(outcome.durationMs * 1000) / 1000,
      arguments: this.#arguments(call.input, target),
    };
  }

  /** An attempt that never became a call. */
  refused({ kind, outcome, remoteAddress, reason }: RefusedAttempt, time: string): AuditEntry {
    return { time, event: 'refused', remoteAddress, kind, outcome, reason: this.redactor.text(reason) };
  }

  /** The rule and the true reason, which may be more than the caller is told. */
  #failure(error: RookeryError): Pick<AuditEntry, 'rule' | 'reason'> {
    const { cause } = error;
    if (cause instanceof DenialReason) return { rule: cause.rule, reason: this.redactor.text(cause.reason) };
    if (error instanceof InternalError && cause instanceof Error) {
      return { reason: this.redactor.text(`${cause.name}: ${cause.message}`) };
    }
    return { reason: this.redactor.text(error.message) };
  }

  #arguments(input: unknown, target: Target | undefined): unknown {
    if (!this.withArguments || input === undefined || input === null) return undefined;
    if (target === undefined) return this.redactor.value(input);
    let found = this.#sensitive.get(target);
    if (found === undefined) {
      this.#sensitive.set(target, (found = { schema: SensitiveSchema.of(target.input.jsonSchema) }));
    }
    return this.redactor.value(input, found.schema);
  }
}

/** What a record about a call says of its caller. */
export function callerFields({ id, parent, principal, remoteAddress }: Call): CallerFields {
  return {
    callId: id,
    parentId: parent?.id,
    principal: principal && auditedPrincipal(principal),
    actor: principal?.actor,
    remoteAddress,
  };
}

/** A principal as records name it. */
export function auditedPrincipal({ id, issuer, tenant }: Principal): AuditedPrincipal {
  return { id, issuer, tenant };
}
