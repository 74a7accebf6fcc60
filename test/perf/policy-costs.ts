import { startRedis } from '../support/servers/index.js';
import { answerTo, echoCall } from './echo-call.js';
import { policies } from './features.js';
import { guarded, guardedCost, repeatedCost } from './guarded.js';
import type { Load } from './load.js';
import { type Pair, pair } from './pair.js';
import { interleave, type Progress } from './rounds.js';
import { withServer } from './server-process.js';
import { median } from './statistics.js';
import type { Subject } from './subject.js';
import { ours, plain } from './subjects.js';

/** Callers known by an API key, by a token, and by a token that is checked anew each time; with permissions and audit. */
export const identitySubjects = [
  guarded('identity by API key', 'identity'),
  guarded('identity by HS256 token', 'identity', 'jwt'),
  guarded('identity by HS256 token, not remembered', 'identity', 'jwt-uncached'),
] as const;

/** Every policy, all in memory. */
export const everyPolicy = guarded('every policy', 'all');

/** The same, with a tool that answers in a later turn. */
export const everyPolicyWaiting: Subject = {
  ...everyPolicy,
  name: 'every policy, a tool that waits',
  env: { ...everyPolicy.env, WAITS: '1' },
};

/** Every policy, with metrics and health for operators. */
export const everyPolicyAndMetrics = guarded('every policy and metrics', 'all,metrics');

/** The same, with a tenth of the calls traced. */
export const everythingObserved = guarded('every policy, metrics and traces', 'all,metrics,tracing');

/** The same with limits in Redis. */
export function everyPolicyWithRedis(url: string): Subject {
  return guarded('every policy, limits in Redis', 'all', 'key', url);
}

/** An echo tool whose one answer is cached. */
export const cachedEcho = guarded('cached', 'cache');

/** The plain server that answers with the bytes of ours. */
export async function plainEcho(): Promise<Subject> {
  const own = ours();
  return plain(await withServer(own, ({ url }) => answerTo(echoCall(own.tool), url)));
}

/** What a call costs with identity on, to the plain server: by key, by token, by token anew. */
export async function compareIdentity(
  rounds: number,
  load: Load,
  progress: Progress<Subject>,
): Promise<readonly Pair[]> {
  return toFirst([await plainEcho(), ...identitySubjects], rounds, load, progress);
}

/** What a call costs with every policy on. */
export interface PolicyCosts {
  /** All in memory, to the plain server. */
  readonly all: Pair;
  /** With limits in Redis, to that. */
  readonly redis: Pair;
  /** All in memory with a tool that answers in a later turn, to one that answers at once. */
  readonly waiting: Pair;
  /** A hit of a cached tool, to the same tool uncached. */
  readonly hit: Pair;
  /** All in memory with metrics and traces, to the plain server. */
  readonly observed: Pair;
  /** What metrics, then traces add to that. */
  readonly added: Additions;
}

/** What watching calls adds to all policies, in costs of a call of the plain server. */
export interface Additions {
  readonly metrics: number;
  readonly traces: number;
}

/** What one subject costs more than another, in costs of a call of the plain server; each round by itself. */
export function addition(more: readonly number[], less: readonly number[], plainly: readonly number[]): number {
  return median(more.map((value, round) => (value - (less[round] ?? 0)) / (plainly[round] ?? 1)));
}

/** Measures every policy, in memory and with Redis, and hits of the cache. */
export async function comparePolicies(rounds: number, load: Load, progress: Progress<Subject>): Promise<PolicyCosts> {
  const redis = await startRedis();
  try {
    const shared = everyPolicyWithRedis(redis.url);
    const reference = await plainEcho();
    const cost = (subject: Subject): Promise<number> => guardedCost(subject, load);
    const subjects = [
      reference,
      everyPolicy,
      everyPolicyAndMetrics,
      everythingObserved,
      shared,
      everyPolicyWaiting,
    ] as const;
    const [plainly, all, metrics, observed, redisly, waiting] = await interleave(subjects, rounds, cost, progress);
    const hits = await interleave([cachedEcho, ours()], rounds, (subject) => repeatedCost(subject, load), progress);
    return {
      all: pair([everyPolicy.name, reference.name], [all, plainly]),
      redis: pair([shared.name, everyPolicy.name], [redisly, all]),
      waiting: pair([everyPolicyWaiting.name, everyPolicy.name], [waiting, all]),
      hit: pair([cachedEcho.name, 'uncached'], hits),
      observed: pair([everythingObserved.name, reference.name], [observed, plainly]),
      added: { metrics: addition(metrics, all, plainly), traces: addition(observed, metrics, plainly) },
    };
  } finally {
    await redis.stop();
  }
}

/** What one feature adds to a call. */
export interface FeatureCost {
  /** What is on with it: this and all before. */
  readonly name: string;
  /** Microseconds of CPU a call. */
  readonly median: number;
  /** Of that, what the feature added; of `plain` there is nothing before. */
  readonly added?: number;
  readonly ratioToPlain: number;
}

/** Switches one feature on after another. */
export async function compareFeatures(
  rounds: number,
  load: Load,
  progress: Progress<Subject>,
): Promise<readonly FeatureCost[]> {
  const redis = await startRedis();
  try {
    const steps = policies.map((policy, index) => guarded(`+ ${policy}`, policies.slice(0, index + 1).join()));
    const counted = { ...everyPolicyAndMetrics, name: '+ metrics' };
    const traced = { ...everythingObserved, name: '+ traces, a tenth sampled' };
    const shared = { ...everyPolicyWithRedis(redis.url), name: '+ limits in Redis' };
    const subjects = [await plainEcho(), ours(), ...steps, counted, traced, shared];
    const taken = await interleave(subjects, rounds, (subject) => guardedCost(subject, load), progress);
    return subjects.map(({ name }, index) => {
      const own = taken[index] ?? [];
      // With every policy and nothing more are both the one that counts and the one with Redis.
      const before = taken[index === subjects.length - 1 ? index - 3 : index - 1];
      const { ratio } = pair([name, 'plain'], [own, taken[0] ?? []]);
      const added = before && median(own.map((value, round) => value - (before[round] ?? 0)));
      return { name, median: median(own), ...(added !== undefined && { added }), ratioToPlain: ratio };
    });
  } finally {
    await redis.stop();
  }
}

async function toFirst(
  subjects: readonly [Subject, ...Subject[]],
  rounds: number,
  load: Load,
  progress: Progress<Subject>,
): Promise<readonly Pair[]> {
  const [first, ...others] = subjects;
  const [reference, ...taken] = await interleave(
    [first, ...others],
    rounds,
    (subject) => guardedCost(subject, load),
    progress,
  );
  return others.map(({ name }, index) => pair([name, first.name], [taken[index] ?? [], reference ?? []]));
}
