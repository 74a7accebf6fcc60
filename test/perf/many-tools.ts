import type { Load } from './load.js';
import { measure } from './measure.js';
import { type Pair, pair } from './pair.js';
import { interleave, type Progress } from './rounds.js';
import type { Subject } from './subject.js';
import { ours } from './subjects.js';

/** How many tools are many. */
export const many = 200;

/** Microseconds of CPU that a call costs: of the last of many tools, and of the only tool. In interleaved rounds. */
export async function compareTools(rounds: number, load: Load, progress: Progress<Subject>): Promise<Pair> {
  const subjects = [ours(many), ours()] as const;
  const cost = async (subject: Subject): Promise<number> => (await measure(subject, load)).cpuPerRequest;
  const taken = await interleave(subjects, rounds, cost, progress);
  return pair([subjects[0].name, subjects[1].name], taken);
}
