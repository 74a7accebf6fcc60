/** What a rule decided. A refusal says which rule and what it missed: for operators, never for the caller. */
export type Decision = { readonly allowed: true } | Refusal;

/** A decision against. */
export interface Refusal {
  readonly allowed: false;
  /** `requiredRoles`, `validator:data_access`: of bounded number, fit for a metric's label. */
  readonly rule: string;
  /** One sentence, without arguments and secrets. */
  readonly reason: string;
  /** What was thrown, where a loader or a validator failed. */
  readonly cause?: unknown;
}

/** The decision for. */
export const ALLOWED: Decision = { allowed: true };

/** A decision against, with what was thrown when there was something. */
export function refused(rule: string, reason: string, cause?: unknown): Refusal {
  return { allowed: false, rule, reason, ...(cause !== undefined && { cause }) };
}
