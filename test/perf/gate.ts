import type { Row } from './comparison.js';
import type { IdleCosts } from './idle.js';
import type { Pair } from './pair.js';

/** A promise about cost: a measured figure and what it may be at most. */
export interface Gate {
  readonly what: string;
  readonly measured: number;
  readonly limit: number;
}

/** What the server promises, as ratios or in MB. */
export const limits = {
  /** CPU of one `tools/call`, to the plain server's. */
  cpu: 2,
  /** CPU of one `tools/call` with 200 registered tools, to that with one. */
  tools: 1.1,
  /** Time to the first answer, to that of an empty Nest application. */
  startup: 3,
  /** CPU of one request in whole sessions of a 2025-11-25 client, to the plain server's. */
  sessions: 4,
  /** MB of 10,000 idle sessions. */
  idleSessions: 40,
  /** MB of 2,000 open `subscriptions/listen` streams. */
  idleStreams: 60,
} as const;

/** What a run of the benchmark measured. */
export interface Findings {
  readonly comparison?: readonly Row[];
  readonly tools?: Pair;
  readonly startup?: Pair;
  readonly sessions?: Pair;
  readonly idle?: IdleCosts;
}

/** The gates for what was measured; a comparison without ours or without the plain server has none. */
export function gatesOf(found: Findings): readonly Gate[] {
  const cpu = found.comparison?.find(({ name }) => name === 'ours')?.figures.cpuPerRequest.ratioToPlain;
  return [
    { what: 'CPU per tools/call, to the plain server', measured: cpu, limit: limits.cpu },
    { what: 'CPU with 200 tools, to one tool', measured: found.tools?.ratio, limit: limits.tools },
    {
      what: 'CPU per request of a session, to the plain server',
      measured: found.sessions?.ratio,
      limit: limits.sessions,
    },
    { what: 'MB of idle sessions', measured: found.idle?.sessions.megabytes, limit: limits.idleSessions },
    { what: 'MB of open streams', measured: found.idle?.streams.megabytes, limit: limits.idleStreams },
    { what: 'start, to an empty Nest application', measured: found.startup?.ratio, limit: limits.startup },
  ].flatMap(({ measured, ...gate }) => (measured === undefined ? [] : [{ ...gate, measured }]));
}

/** Whether the promise is kept. */
export function kept({ measured, limit }: Gate): boolean {
  return measured <= limit;
}

/** The gate in one line. */
export function verdict(gate: Gate): string {
  const { what, measured, limit } = gate;
  return `${kept(gate) ? 'kept    ' : 'EXCEEDED'}  ${what}: ${measured.toFixed(2)}, at most ${limit.toFixed(2)}`;
}
