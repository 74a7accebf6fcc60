import { Injectable } from '@nestjs/common';
import { RookeryError, type Call, type Principal } from '../core/index.js';
import type { AuditEntry } from './audit-entry.js';
import { AuditRedactor } from './audit-redactor.js';
import { AuditSettings } from './audit-settings.js';
import { AuditTrail } from './audit-trail.js';
import { auditedPrincipal, callerFields } from './call-entry.js';

/** Who did it: the call in which it was done, or else a principal. */
export type AuditedBy =
  | { readonly call: Call; readonly principal?: undefined }
  | { readonly principal: Principal | undefined; readonly call?: undefined };

/** What {@link AuditLogger.logOperation} records. */
export interface AuditedOperation {
  readonly operation: string;
  readonly resourceType: string;
  readonly resourceId?: string | undefined;
  readonly success: boolean;
  /** Redacted by name and pattern, at most 8 KiB. */
  readonly details?: unknown;
}

/** What {@link AuditLogger.logFileAccess} records. */
export interface AuditedFileAccess {
  readonly path: string;
  /** `read`, `write`, `list`, `delete`. */
  readonly operation: string;
  readonly success: boolean;
  readonly bytes?: number | undefined;
  readonly details?: unknown;
}

/**
 * Lets a tool record what it does, beside the record that every call gets.
 *
 * Awaiting it means: taken into the trail; and with `audit.mode: strict`, or in a call of a target with
 * `auditLogging: true`, durable. Where nothing is audited it does nothing; such a target does not start there.
 *
 * @example
 * ```ts
 * await this.audit.logOperation({
 *   call, operation: 'update', resourceType: 'dataset', resourceId: input.dataset_id, success: true, details: changes,
 * });
 * ```
 */
@Injectable()
export class AuditLogger {
  readonly #redactor: AuditRedactor;
  readonly #strict: boolean;

  constructor(
    { options }: AuditSettings,
    private readonly trail: AuditTrail,
  ) {
    this.#redactor = new AuditRedactor(options.redact.patterns);
    this.#strict = options.mode === 'strict';
  }

  /** Records an operation on something. @throws RookeryError `overloaded` when it cannot be recorded, or not made durable */
  async logOperation(record: AuditedOperation & AuditedBy): Promise<void> {
    const { operation, resourceType, resourceId, success, details } = record;
    await this.#log(record, {
      event: 'operation',
      operation: this.#redactor.text(operation),
      resourceType: this.#redactor.text(resourceType),
      resourceId: resourceId === undefined ? undefined : this.#redactor.text(resourceId),
      success,
      details: details === undefined ? undefined : this.#redactor.value(details),
    });
  }

  /** Records an access to a file. @throws RookeryError `overloaded` when it cannot be recorded, or not made durable */
  async logFileAccess(record: AuditedFileAccess & AuditedBy): Promise<void> {
    const { path, operation, success, bytes, details } = record;
    await this.#log(record, {
      event: 'file_access',
      path: this.#redactor.text(path, 4_096),
      operation: this.#redactor.text(operation),
      success,
      bytes,
      details: details === undefined ? undefined : this.#redactor.value(details),
    });
  }

  async #log({ call, principal }: AuditedBy, entry: Omit<AuditEntry, 'time'>): Promise<void> {
    if (!this.trail.enabled) return;
    const durable = this.#strict || call?.targetIfFound?.policy.auditLogging === true;
    if (!durable && !this.trail.available) throw unrecorded();
    const caller =
      call === undefined
        ? { principal: principal && auditedPrincipal(principal), actor: principal?.actor }
        : callerFields(call);
    const kind = call?.kind;
    const target = call?.targetIfFound?.name;
    const ticket = this.trail.add({ time: new Date().toISOString(), ...caller, kind, target, ...entry });
    if (!durable) await this.trail.room();
    else if (!(await this.trail.durable(ticket))) throw unrecorded();
  }
}

function unrecorded(): RookeryError {
  return new RookeryError(
    'overloaded',
    'The audit trail cannot be written at present, and this must not be done without a record. Try again later.',
    { retryAfter: 5 },
  );
}
