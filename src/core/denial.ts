/**
 * Why a call was refused, for operators: the `cause` of the error that the caller gets.
 *
 * Audit records and logs show it; a client never does.
 */
export class DenialReason extends Error {
  constructor(
    /** The rule that refused: `requiredRoles`, `validator:data_access`. Of bounded number, so fit for a metric's label. */
    readonly rule: string,
    /** What the rule missed, in one sentence. Without arguments and secrets. */
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`${rule}: ${reason}`, options);
    this.name = new.target.name;
  }
}
