import { ConfigurationError, describeConfigurationFault } from '../config/index.js';
import { clocks } from './checks/clock.check.js';
import type { DoctorSubject } from './doctor-subject.js';
import { examine } from './examine.js';
import { BACK_ENDS, CONFIGURED, FAMILY_NAMES, HOST } from './families.js';
import { fail, ok, skipped, type Finding } from './finding.js';
import { outcomeOf, reportOf, type CheckOutcome, type DoctorReport } from './report.js';

/** What the doctor is asked. */
export interface DoctorRequest {
  /** Families, or single checks as `database:store`; everything when it is empty. @default [] */
  readonly only?: readonly string[] | undefined;
  /** Hears which checks are still under way, and how many are done. */
  readonly progress?: (running: readonly string[], done: number) => void;
}

/** What `only` names and there is not. */
export function unknownNames(only: readonly string[]): readonly string[] {
  return only.filter((name) => !FAMILY_NAMES.includes(name.split(':', 1)[0] ?? ''));
}

/**
 * Looks at a server and the machine that it is to run on: all checks at once, the clocks when the others are done.
 * Changes nothing that stays, and may be done while the server runs. Never rejects; takes as long as the slowest check
 * may.
 */
export async function diagnose(
  subject: DoctorSubject,
  { only = [], progress = () => undefined }: DoctorRequest = {},
): Promise<DoctorReport> {
  const chosen = (check: string, family: string): boolean =>
    only.length === 0 || only.includes(check) || only.includes(family);
  const wantsClock = chosen('clock', 'clock');
  const isBackEnd = new Set(BACK_ENDS.map(({ name }) => name));
  const options = { secrets: subject.secrets, progress };
  const found = await examine<DoctorSubject>([...CONFIGURED, ...HOST], subject, {
    ...options,
    // Clocks are met by asking back ends, whether or not these are to be reported.
    chosen: (check, family) => chosen(check, family) || (wantsClock && isBackEnd.has(family)),
  });
  const reported = found.filter(({ name }) => chosen(name, name.split(':', 1)[0] ?? name));
  const clock = wantsClock ? await examine([clocks], subject, options) : [];
  return reportOf([...(chosen('configuration', 'configuration') ? [configuration([])] : []), ...reported, ...clock]);
}

/** What is known when the configuration cannot be used: its faults, and how the machine is. */
export async function diagnoseFaulty(error: ConfigurationError, request: DoctorRequest = {}): Promise<DoctorReport> {
  const { only = [], progress = () => undefined } = request;
  const chosen = (check: string, family: string): boolean =>
    only.length === 0 || only.includes(check) || only.includes(family);
  const unseen = [...CONFIGURED, { name: 'clock', group: 'machine' as const }]
    .filter(({ name }) => only.length === 0 || only.some((asked) => asked.split(':', 1)[0] === name))
    .map((family) => outcomeOf(family, 0, [skipped('The configuration cannot be used.')]));
  const host = await examine(HOST, undefined, { chosen, progress });
  return reportOf([configuration(error.faults.map(describeConfigurationFault)), ...unseen, ...host]);
}

function configuration(faults: readonly string[]): CheckOutcome {
  const remedy = 'Correct it; `rookery config reference` lists every key.';
  const findings: readonly Finding[] =
    faults.length === 0 ? [ok('The configuration is valid.')] : faults.map((fault) => fail(fault, remedy));
  return outcomeOf({ name: 'configuration', group: 'configuration' }, 0, findings);
}
