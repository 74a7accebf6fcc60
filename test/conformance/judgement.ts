import type { Check, Results } from './results.js';
import type { ScenarioList } from './scenario-list.js';
import type { ScenarioSet } from './scenario-set.js';

/** What the run of a scenario set came to. */
export interface Judgement {
  readonly name: string;
  readonly scored: Tally;
  readonly unscored: Tally;
  /** Checks that passed. */
  readonly checks: number;
  /** A sentence for everything that is not as it should be. */
  readonly faults: readonly string[];
}

/** How many scenarios are green, of how many. */
export interface Tally {
  readonly green: number;
  readonly of: number;
}

/** What the suite itself has nothing for yet: it reports a single skipped check, whatever the server does. */
const unwritten: readonly string[] = ['tasks-status-notifications'];
const acceptable: readonly string[] = ['SUCCESS', 'INFO', 'SKIPPED'];

/** Judges every scenario of the list, scored or not: a warning is a fault, and so is a scenario that checked nothing. */
export function judge(set: ScenarioSet, list: ScenarioList, results: Results): Judgement {
  const faults = [
    ...countFaults('scored', list.scored, set.scored),
    ...countFaults('unscored', list.unscored, set.unscored),
  ];
  const tally = (names: readonly string[], of: number): Tally => {
    const found = names.map((name) => scenarioFaults(name, results.get(name)));
    faults.push(...found.flat());
    return { green: found.filter(({ length }) => length === 0).length, of };
  };
  const scored = tally(list.scored, set.scored);
  const unscored = tally(list.unscored, set.unscored);
  const checks = [...results.values()].flat().filter(({ status }) => status === 'SUCCESS').length;
  return { name: set.name, scored, unscored, checks, faults };
}

function countFaults(kind: string, names: readonly string[], expected: number): readonly string[] {
  if (names.length === expected) return [];
  return [`The suite lists ${names.length} ${kind} scenarios; ${expected} were expected.`];
}

function scenarioFaults(name: string, checks: readonly Check[] | undefined): readonly string[] {
  if (checks === undefined) return [`${name}: did not run`];
  const faults = checks.filter(({ status }) => !acceptable.includes(status));
  if (faults.length > 0) return faults.map((check) => `${name}: ${sentence(check)}`);
  const checked = checks.some(({ status }) => status === 'SUCCESS') || unwritten.includes(name);
  return checked ? [] : [`${name}: checked nothing`];
}

function sentence({ id, status, description, errorMessage }: Check): string {
  return `${status} ${id}: ${errorMessage ?? description ?? 'no reason given'}`;
}

/** The judgement in one line. */
export function line({ name, scored, unscored, checks }: Judgement): string {
  const kinds = unscored.of === 0 ? '' : ` (${scored.green}/${scored.of} scored, ${unscored.green}/${unscored.of} not)`;
  return `${name}: ${scored.green + unscored.green}/${scored.of + unscored.of} scenarios${kinds}, ${checks} checks`;
}
