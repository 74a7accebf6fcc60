import { performance } from 'node:perf_hooks';
import { answerTo, echoCall } from './echo-call.js';
import { type Pair, pair } from './pair.js';
import { interleave, type Progress } from './rounds.js';
import { withServer } from './server-process.js';
import type { Subject } from './subject.js';
import { emptyNest, ours } from './subjects.js';

/**
 * Milliseconds from the spawn of a process to its first good answer: ours and an empty Nest application by turns.
 * A first round, which fills the disk's cache, does not count.
 */
export async function compareStartup(rounds: number, progress?: Progress<Subject>): Promise<Pair> {
  const own = ours();
  const answered = (subject: Subject, url: string): Promise<unknown> =>
    subject === own ? answerTo(echoCall(own.tool), url) : notFound(url);
  const timeToAnswer = (subject: Subject): Promise<number> =>
    withServer(subject, async ({ url, spawnedAt }) => {
      await answered(subject, url);
      return performance.now() - spawnedAt;
    });
  const subjects = [own, emptyNest] as const;
  await interleave(subjects, 1, timeToAnswer);
  return pair([own.name, emptyNest.name], await interleave(subjects, rounds, timeToAnswer, progress));
}

/** All that an application without routes can answer. */
async function notFound(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
  await response.text();
  if (response.status !== 404) throw new Error(`An empty application answered ${response.status}.`);
}
