import { expect } from 'vitest';
import type { AuditEntry } from '../../../src/audit/index.js';
import { DEADLINES, PROMISED_MS, type ChaosTool } from './bounds.js';
import type { ChaosServer } from './chaos-process.js';
import type { Seen } from './connection.js';

/** Milliseconds by which a call was answered later than its deadline, by its client's clock; below 0 when before it. */
const overshoot = ({ use, ms }: Seen): number => ms - DEADLINES[use.tool];

/**
 * Every call was answered, once, and no later than its deadline and what is promised on top, by its client's clock.
 *
 * @param timeoutSlackMs - what is allowed on top to calls that only their deadline ends, and which have no time to spare
 */
export function expectAnswered(seen: readonly Seen[], timeoutSlackMs = 0): void {
  expect(seen.filter(({ code }) => code === 'lost')).toEqual([]);
  tellLatest(seen.map((each) => ({ ...each, late: overshoot(each) })));
  const allowedTo = ({ code }: Seen): number => PROMISED_MS + (code === 'timeout' ? timeoutSlackMs : 0);
  expect(seen.filter((each) => overshoot(each) > allowedTo(each))).toEqual([]);
}

/** A scenario is run so often before a call in it that was late is believed to be the server's doing. */
const MOST_RUNS = 3;

/**
 * Runs a scenario in which calls have no time to spare, since only their deadline ends them; again where such a call was
 * late: whatever else the machine does makes calls later and never sooner, and a server that is late is so in every run.
 *
 * @param scenario - judges all else, and gives what was seen
 * @param again - makes everything ready for another run
 * @returns what was seen in the first run in which nothing was late, or in the last one; it is still to be judged
 */
export async function runInTime(
  scenario: () => Promise<readonly Seen[]>,
  again: () => Promise<void>,
): Promise<readonly Seen[]> {
  for (let run = 1; ; run++) {
    const seen = await scenario();
    const late = seen.filter((each) => overshoot(each) > PROMISED_MS);
    if (late.length === 0 || run === MOST_RUNS) return seen;
    process.stdout.write(
      `run ${run}: ${late.length} of ${seen.length} calls were late, the worst by ${worst(late)} ms\n`,
    );
    await again();
  }
}

function worst(late: readonly Seen[]): number {
  return Math.round(Math.max(...late.map(overshoot)));
}

/**
 * The same of calls that a tool kept from being answered by not letting the event loop run: the time that it stood still
 * while they waited does not count, and nothing else is allowed for.
 *
 * @param blocked - the calls of the tool that blocks, each of which says for how long; those that were refused did not
 */
export function expectAnsweredBeside(blocked: readonly Seen[], seen: readonly Seen[]): void {
  expect(seen.filter(({ code }) => code === 'lost')).toEqual([]);
  const stood = blocked.filter(({ code }) => code === 'ok').map(standstillOf);
  const stoodWithin = ({ begunAt, ms }: Seen): number =>
    stood.reduce((sum, { from, to }) => sum + Math.max(0, Math.min(to, begunAt + ms) - Math.max(from, begunAt)), 0);
  const judged = seen.map((each) => ({ ...each, late: overshoot(each) - stoodWithin(each) }));
  tellLatest(judged);
  expect(judged.filter(({ late }) => late > PROMISED_MS)).toEqual([]);
}

/** When a call of the tool that blocks did so: it is answered as soon as it lets go. */
function standstillOf({ use, begunAt, ms }: Seen): { readonly from: number; readonly to: number } {
  const { ms: blockedMs } = use.args as { readonly ms: number };
  return { from: begunAt + ms - blockedMs, to: begunAt + ms };
}

/** How close to its deadline the latest call of each tool came, for whoever reads what a run printed. */
function tellLatest(judged: readonly (Seen & { readonly late: number })[]): void {
  const latest: Partial<Record<ChaosTool, number>> = {};
  for (const { use, late } of judged) latest[use.tool] = Math.max(Math.round(late), latest[use.tool] ?? -Infinity);
  const test = expect.getState().currentTestName;
  process.stdout.write(`${test}: latest after its deadline, ms: ${JSON.stringify(latest)}\n`);
}

/**
 * By the server's own clock no call took longer than its deadline and what is promised on top.
 *
 * @param standstillMs - for how long the machine did not let it run, at the worst
 */
export function expectInTime(records: readonly AuditEntry[], standstillMs: number): void {
  const late = records.filter(
    ({ target, durationMs = 0 }) => durationMs > DEADLINES[target as ChaosTool] + PROMISED_MS + standstillMs,
  );
  expect(late).toEqual([]);
}

/** Ends servers in order and compares what they recorded with what was answered: as many calls, with the same ends. */
export async function expectAudited(servers: readonly ChaosServer[], seen: readonly Seen[]): Promise<void> {
  const standstills = await Promise.all(servers.map((server) => server.standstillMs()));
  for (const server of servers) server.terminate();
  for (const server of servers) expect(await server.ended()).toEqual({ code: 0, signal: null });
  await expectRecorded(servers, seen, Math.max(...standstills));
}

/** Compares what servers that have ended recorded with what was answered. */
export async function expectRecorded(
  servers: readonly ChaosServer[],
  seen: readonly Seen[],
  standstillMs: number,
): Promise<void> {
  const records = (await Promise.all(servers.map((server) => server.auditedCalls()))).flat();
  expectInTime(records, standstillMs);
  const answered = seen.filter(({ code }) => code !== 'draining' && code !== 'lost');
  expect(tally(records.map(({ target, outcome }) => `${target} ${outcome}`))).toEqual(
    tally(answered.map(({ use, code }) => `${use.tool} ${code}`)),
  );
}

/** How often each occurs. */
export function tally(names: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of names.toSorted()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}
