import type { Row } from './comparison.js';
import type { IdleCosts } from './idle.js';
import type { Pair } from './pair.js';
import type { FeatureCost, PolicyCosts } from './policy-costs.js';

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
  /** CPU of one `tools/call` with permissions and audit, by callers with API keys, to the plain server's. */
  identityKey: 2.5,
  /** The same with HS256 tokens that are remembered. */
  identityToken: 2.6,
  /** The same with tokens that are checked anew each time. */
  identityUncached: 4.5,
  /** CPU of one `tools/call` with every policy, to the plain server's. */
  policies: 3,
  /** The same with metrics, and a tenth of the calls traced. */
  observed: 3,
  /** What metrics add to every policy, in costs of a call of the plain server. */
  metrics: 0.12,
  /** What traces add to that. */
  traces: 0.25,
  /** The same with limits in Redis, to that with limits in memory. */
  sharedLimits: 1.6,
  /** CPU of a call of a tool that answers in a later turn, to one that answers at once, with every policy. */
  waiting: 1.25,
  /** CPU of a call that is answered from the cache, to one of the same tool uncached. */
  cacheHit: 1.15,
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
  /** By key, by token, by token anew. */
  readonly identity?: readonly Pair[];
  readonly policies?: PolicyCosts;
  readonly features?: readonly FeatureCost[];
}

/** The gates for what was measured; a comparison without ours or without the plain server has none. */
export function gatesOf(found: Findings): readonly Gate[] {
  const cpu = found.comparison?.find(({ name }) => name === 'ours')?.figures.cpuPerRequest.ratioToPlain;
  const [key, token, uncached] = found.identity ?? [];
  return [
    { what: 'CPU per tools/call, to the plain server', measured: cpu, limit: limits.cpu },
    { what: 'CPU with 200 tools, to one tool', measured: found.tools?.ratio, limit: limits.tools },
    {
      what: 'CPU per request of a session, to the plain server',
      measured: found.sessions?.ratio,
      limit: limits.sessions,
    },
    { what: 'CPU with identity by API key, to the plain server', measured: key?.ratio, limit: limits.identityKey },
    { what: 'CPU with identity by token, to the plain server', measured: token?.ratio, limit: limits.identityToken },
    {
      what: 'CPU with identity by token checked anew, to the plain server',
      measured: uncached?.ratio,
      limit: limits.identityUncached,
    },
    { what: 'CPU with every policy, to the plain server', measured: found.policies?.all.ratio, limit: limits.policies },
    {
      what: 'CPU with every policy, metrics and traces, to the plain server',
      measured: found.policies?.observed.ratio,
      limit: limits.observed,
    },
    { what: 'CPU that metrics add, in plain calls', measured: found.policies?.added.metrics, limit: limits.metrics },
    { what: 'CPU that traces add, in plain calls', measured: found.policies?.added.traces, limit: limits.traces },
    {
      what: 'CPU with limits in Redis, to limits in memory',
      measured: found.policies?.redis.ratio,
      limit: limits.sharedLimits,
    },
    {
      what: 'CPU of a tool that waits, to one that does not',
      measured: found.policies?.waiting.ratio,
      limit: limits.waiting,
    },
    { what: 'CPU of a cache hit, to the tool uncached', measured: found.policies?.hit.ratio, limit: limits.cacheHit },
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
