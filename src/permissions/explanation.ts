/** One rule, for one principal. */
export interface ExplainedRule {
  /** `permission execute`, `any role of analyst, admin`, `resource permission datasets:update`, `validator data_access`. */
  readonly rule: string;
  /** `undefined` where only a call's input can tell. */
  readonly granted: boolean | undefined;
  /** What grants it, or what would. */
  readonly by: string;
}

/** Why somebody may call a target, or may not. Answers `rookery policy explain`. */
export interface Explanation {
  /** `tool sensitive_data_operation`. */
  readonly target: string;
  /** The id, or `anonymous`. */
  readonly principal: string;
  /** In `report` mode, what is refused here is let through and recorded. */
  readonly mode: 'enforce' | 'report';
  /** Whether it is listed; a target that is not answers calls like one that does not exist. */
  readonly visible: boolean;
  /** Whether a call passes; `undefined` where its input decides. */
  readonly allowed: boolean | undefined;
  /** All must be granted. */
  readonly rules: readonly ExplainedRule[];
}
