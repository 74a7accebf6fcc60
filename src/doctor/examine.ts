import { performance } from 'node:perf_hooks';
import { answeredWithin, redactText } from '../core/index.js';
import type { CheckFamily, DoctorCheck } from './doctor-check.js';
import { fail, skipped, type Finding } from './finding.js';
import { outcomeOf, type CheckOutcome } from './report.js';

/** How checks are made. */
export interface ExamineOptions {
  /** Texts that must not be in what is found, whoever wrote it. */
  readonly secrets?: readonly string[];
  /** Hears which checks are still under way, whenever that changes. */
  readonly progress?: (running: readonly string[], done: number) => void;
  /** Looks at a family's checks only where this says so. @default every check */
  readonly chosen?: (check: string, family: string) => boolean;
  /** Aborts what is under way; each check ends as it takes that, or when its time is up. */
  readonly signal?: AbortSignal;
}

/** Stands for a secret wherever one would be printed. */
const REDACTED = '***';

/** Makes the checks of families, all at once, each within its time. What they throw is a finding: it never rejects. */
export async function examine<Subject>(
  families: readonly CheckFamily<Subject>[],
  subject: Subject,
  { secrets = [], progress, chosen = () => true, signal }: ExamineOptions = {},
): Promise<readonly CheckOutcome[]> {
  const running = new Set<string>();
  let done = 0;
  const longestFirst = secrets.toSorted((one, other) => other.length - one.length);
  const one = async (family: CheckFamily<Subject>, check: DoctorCheck): Promise<CheckOutcome> => {
    running.add(check.name);
    progress?.([...running], done);
    const start = performance.now();
    const findings = await findingsOf(check, signal);
    running.delete(check.name);
    done++;
    progress?.([...running], done);
    const { name } = check;
    const told = findings.map((finding) => masked(finding, longestFirst));
    return outcomeOf({ name, group: family.group }, Math.round(performance.now() - start), told);
  };
  const outcomes = families.flatMap((family): Promise<CheckOutcome>[] => {
    const checks = family.checks(subject);
    if (checks.length === 0) {
      return chosen(family.name, family.name) ? [Promise.resolve(outcomeOf(family, 0, [skipped(family.absent)]))] : [];
    }
    return checks.filter(({ name }) => chosen(name, family.name)).map((check) => one(family, check));
  });
  return await Promise.all(outcomes);
}

async function findingsOf(check: DoctorCheck, stopped?: AbortSignal): Promise<readonly Finding[]> {
  const { timeoutMs } = check;
  const controller = new AbortController();
  const signal = stopped === undefined ? controller.signal : AbortSignal.any([controller.signal, stopped]);
  const late = (): Error => new TooLate(timeoutMs);
  try {
    return await answeredWithin((async () => await check.run(signal))(), timeoutMs, late);
  } catch (error) {
    if (error instanceof TooLate) {
      return [
        fail(error.message, 'See whether what is asked hangs or is overloaded, and whether a firewall drops packets.'),
      ];
    }
    const reason = redactText(error instanceof Error ? error.message : String(error));
    return [fail(`The check itself failed: ${reason}`, 'Report this with the output of `rookery doctor --json`.')];
  } finally {
    controller.abort();
  }
}

class TooLate extends Error {
  constructor(timeoutMs: number) {
    super(`There was no answer within ${timeoutMs} ms.`);
  }
}

function masked(finding: Finding, secrets: readonly string[]): Finding {
  const mask = (text: string): string => secrets.reduce((shown, secret) => shown.replaceAll(secret, REDACTED), text);
  const message = mask(finding.message);
  return 'remedy' in finding ? { ...finding, message, remedy: mask(finding.remedy) } : { ...finding, message };
}
