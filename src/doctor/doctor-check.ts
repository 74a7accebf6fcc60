import type { MonitoringOptions } from '../monitoring/index.js';
import type { DoctorSubject } from './doctor-subject.js';
import type { Finding } from './finding.js';

/** One thing that is looked at. */
export interface DoctorCheck {
  /** Unique in a report: `redis`, `database:sales`. */
  readonly name: string;
  /** Milliseconds after which it counts as failed. */
  readonly timeoutMs: number;
  /**
   * Looks, and changes nothing that stays. What it throws counts as failed.
   *
   * @param signal - aborts when the time is up
   */
  run(signal: AbortSignal): Promise<readonly Finding[]> | readonly Finding[];
}

/** Checks of one kind: of the configuration's databases there are as many as it names. */
export interface CheckFamily<Subject> {
  /** What `--only` calls it; its checks have this name, or this and `:` before theirs. */
  readonly name: string;
  readonly group: CheckGroup;
  /** From which value of `monitoring.startChecks` on it is looked at whenever the application starts. */
  readonly atStart: StartDepth | 'never';
  /** What is said where there is nothing to look at. */
  readonly absent: string;
  checks(subject: Subject): readonly DoctorCheck[];
}

/** How much is looked at when the application starts: what is local, back ends too, self-tests too. */
export type StartDepth = Exclude<MonitoringOptions['startChecks'], 'off'>;

/** A kind of check that needs the configuration. */
export type ConfiguredFamily = CheckFamily<DoctorSubject>;

/** A kind of check that is made without a valid configuration, too. */
export type HostFamily = CheckFamily<DoctorSubject | undefined>;

/** What a check is about. */
export type CheckGroup = 'configuration' | 'posture' | 'back ends' | 'files' | 'self-tests' | 'machine';

/** A check that asks nobody over a network gets this long, in milliseconds. */
export const LOCAL_MS = 2_000;

/** A check that asks somebody over a network gets this long, in milliseconds. */
export const NETWORK_MS = 5_000;

/** A check that has the name of its family. */
export function single(name: string, timeoutMs: number, run: DoctorCheck['run']): readonly DoctorCheck[] {
  return [{ name, timeoutMs, run }];
}
