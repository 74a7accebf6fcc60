import { setTimeout as wait } from 'node:timers/promises';
import { withOpenStreams } from './idle-streams.js';
import { type RunningServer, withServer } from './server-process.js';
import { driveSessions } from './session-load.js';
import { rehearse, sessionSteps } from './session-steps.js';
import type { Program } from './subject.js';
import { ours } from './subjects.js';

/** How many idle sessions are measured. */
export const idleSessions = 10_000;
/** How many open streams are measured. */
export const openStreams = 2_000;

const connections = 50;
/** So many sessions and streams come and go first: what a server makes once and keeps is not theirs. */
const warmUp = { sessions: 2_000, streams: 200 };
/** Milliseconds in which a server notices that connections have gone. */
const settling = 500;

/** What something costs that a server holds while nothing happens. */
export interface IdleCost {
  readonly name: string;
  readonly count: number;
  /** Of the heap and outside of it, after two garbage collections. */
  readonly megabytes: number;
}

/** What idle clients of either era cost. */
export interface IdleCosts {
  readonly sessions: IdleCost;
  readonly streams: IdleCost;
}

/** Measures both, each in a server of its own. */
export async function measureIdle(progress: (program: Program, round: number) => void): Promise<IdleCosts> {
  progress({ ...server, name: 'idle sessions' }, 1);
  const sessions = await measureSessions();
  progress({ ...server, name: 'open streams' }, 1);
  return { sessions, streams: await measureStreams() };
}

const server: Program = { ...ours(), nodeOptions: ['--expose-gc'] };

/** Sessions of 2025-11-25 clients that have begun, called a tool and gone silent, without a connection. */
export function measureSessions(): Promise<IdleCost> {
  const steps = sessionSteps(ours().tool);
  const unended = steps.slice(0, -1);
  return withServer(server, async (running) => {
    const answers = await rehearse(steps, running.url);
    await driveSessions(running.url, steps, answers, { connections, requests: warmUp.sessions * steps.length });
    const before = await held(running);
    await driveSessions(running.url, unended, answers, { connections, requests: idleSessions * unended.length });
    return costOf('idle sessions', idleSessions, (await held(running)) - before);
  });
}

/** `subscriptions/listen` streams of 2026-07-28 clients, each with a connection of its own. */
export function measureStreams(): Promise<IdleCost> {
  return withServer(server, async (running) => {
    await withOpenStreams(running.url, warmUp.streams, () => Promise.resolve());
    const before = await held(running);
    const after = await withOpenStreams(running.url, openStreams, () => held(running));
    return costOf('open streams', openStreams, after - before);
  });
}

async function held({ readMemory }: RunningServer): Promise<number> {
  await wait(settling);
  const { heapUsed, external } = await readMemory();
  return heapUsed + external;
}

function costOf(name: string, count: number, bytes: number): IdleCost {
  return { name, count, megabytes: bytes / 1_000_000 };
}
