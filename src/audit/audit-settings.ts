import type { AuditOptions } from './audit.options.js';

/** What the audit trail of this server is set up with. */
export class AuditSettings {
  constructor(
    readonly options: AuditOptions,
    /** Whether stdout carries the protocol. */
    readonly stdoutTaken: boolean,
    /** Whether callers are authenticated: then having no trail is worth a warning. */
    readonly authenticated: boolean,
  ) {}
}
