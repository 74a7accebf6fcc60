import { expect } from 'vitest';
import type { AuditEntry } from '../../../src/audit/index.js';
import { DEADLINES, MACHINE_MS, PROMISED_MS, type ChaosTool } from './bounds.js';
import type { ChaosServer } from './chaos-process.js';
import type { Seen } from './connection.js';

/** Every call was answered, once, and soon enough. */
export function expectAnswered(seen: readonly Seen[]): void {
  expect(seen.filter(({ code }) => code === 'lost')).toEqual([]);
  const late = seen.filter(({ use, ms }) => ms > DEADLINES[use.tool] + PROMISED_MS + MACHINE_MS);
  expect(late).toEqual([]);
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
