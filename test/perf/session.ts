import type { Load } from './load.js';
import { type Pair, pair } from './pair.js';
import { interleave, type Progress } from './rounds.js';
import { withServer } from './server-process.js';
import { driveSessions } from './session-load.js';
import { rehearse, sessionSteps } from './session-steps.js';
import type { Subject } from './subject.js';
import { ours, plainSessions } from './subjects.js';

/** After so many requests what is hot is compiled, in ours and in the plain server. */
const warmUp = 20_000;

/**
 * Microseconds of CPU that one request costs the server, in whole sessions of a 2025-11-25 client: initialize,
 * initialized, a tools/call of the echo tool, DELETE.
 */
export function sessionCost(subject: Subject, load: Load): Promise<number> {
  const steps = sessionSteps(subject.tool);
  return withServer(subject, async ({ url, read }) => {
    const answers = await rehearse(steps, url);
    const { connections } = load;
    const requests = wholeSessions(load.requests, connections * steps.length);
    const warming = wholeSessions(warmUp, connections * steps.length);
    await driveSessions(url, steps, answers, { connections, requests: warming });
    const before = await read();
    await driveSessions(url, steps, answers, { connections, requests });
    const after = await read();
    return (after.cpuMicroseconds - before.cpuMicroseconds) / requests;
  });
}

/** Ours, and the plain server with ours' answers. */
export async function sessionSubjects(): Promise<readonly [Subject, Subject]> {
  const own = ours();
  return [own, plainSessions(await withServer(own, ({ url }) => rehearse(sessionSteps(own.tool), url)))];
}

/** What a request costs in whole sessions: ours and the plain server, in interleaved rounds. */
export async function compareSessions(rounds: number, load: Load, progress: Progress<Subject>): Promise<Pair> {
  const subjects = await sessionSubjects();
  const taken = await interleave(subjects, rounds, (subject) => sessionCost(subject, load), progress);
  return pair([subjects[0].name, subjects[1].name], taken);
}

/** So many requests that every connection ends its last session. */
function wholeSessions(requests: number, perRound: number): number {
  return Math.max(1, Math.round(requests / perRound)) * perRound;
}
