import type { CheckGroup } from './doctor-check.js';
import { worst, type Finding, type Severity } from './finding.js';

/** What became of one check. */
export interface CheckOutcome {
  readonly name: string;
  readonly group: CheckGroup;
  /** The worst of its findings. */
  readonly status: Severity;
  readonly durationMs: number;
  readonly findings: readonly Finding[];
}

/** What the doctor found; as it stands, what `rookery doctor --json` prints. */
export interface DoctorReport {
  /** The version of this shape. Members may be added to it; none is removed or changes its meaning. */
  readonly report: 1;
  /** The worst of all checks. */
  readonly status: 'ok' | 'warn' | 'fail';
  /** How many checks ended how. */
  readonly counts: Readonly<Record<Severity, number>>;
  readonly checks: readonly CheckOutcome[];
}

/** Puts findings under their check. */
export function outcomeOf(
  { name, group }: Pick<CheckOutcome, 'name' | 'group'>,
  durationMs: number,
  findings: readonly Finding[],
): CheckOutcome {
  return { name, group, status: worst(findings.map(({ severity }) => severity)), durationMs, findings };
}

/** Sums up. */
export function reportOf(checks: readonly CheckOutcome[]): DoctorReport {
  const counts: Record<Severity, number> = { ok: 0, warn: 0, fail: 0, skipped: 0 };
  for (const { status } of checks) counts[status]++;
  const status = worst(checks.map((check) => check.status));
  return { report: 1, status: status === 'skipped' ? 'ok' : status, counts, checks };
}
