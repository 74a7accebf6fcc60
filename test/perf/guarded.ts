import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { type AuthWay, makeKeys } from './credentials.js';
import { answerTo, echoCall } from './echo-call.js';
import { type Feature, featuresOf } from './features.js';
import type { Load } from './load.js';
import { proveFeatures } from './proofs.js';
import { type RunningServer, withServer } from './server-process.js';
import type { Subject } from './subject.js';
import { collector, ours } from './subjects.js';
import { driveVaried, formOf, VariedCalls, type Calls } from './varied-load.js';

/** After so many requests what is hot is compiled, and every caller is known. */
const warmUp = 10_000;

/** A server whose callers say who they are. */
export interface GuardedServer extends RunningServer {
  readonly credentials: readonly string[];
  /** The folder of its audit records. */
  readonly auditFolder: string;
  /** Where its spans go, where there are any. */
  readonly collectorUrl: string | undefined;
}

/** Rookery with the policies of `POLICIES`; `redis` is the URL where limits are kept. */
export function guarded(name: string, policies: string, auth: AuthWay = 'key', redis?: string): Subject {
  const subject = ours();
  const env = { ...subject.env, POLICIES: policies, AUTH: auth, ...(redis !== undefined && { REDIS: redis }) };
  return { ...subject, name, env };
}

/**
 * Starts a server with a folder of its own for keys and audit records, which is removed in the end, and with a collector
 * where it traces.
 */
export function withGuarded<T>(subject: Subject, use: (server: GuardedServer) => Promise<T>): Promise<T> {
  if (!featuresIn(subject).has('tracing')) return withFolder(subject, use);
  return withServer(collector, ({ url }) => withFolder(subject, use, url));
}

async function withFolder<T>(
  subject: Subject,
  use: (server: GuardedServer) => Promise<T>,
  collectorUrl?: string,
): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'rookery-bench-'));
  const [keys, audit] = [join(folder, 'keys'), join(folder, 'audit.jsonl')];
  const traced = collectorUrl !== undefined && { OTLP: collectorUrl };
  const program = { ...subject, env: { ...subject.env, BENCH_KEYS: keys, BENCH_AUDIT: audit, ...traced } };
  try {
    return await withServer(program, async (server) => {
      const credentials = featuresIn(subject).has('auth')
        ? (await readFile(keys, 'utf8')).trimEnd().split('\n')
        : makeKeys();
      return use({ ...server, credentials, auditFolder: folder, collectorUrl });
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Microseconds of CPU that a call costs, with varied texts by all callers in turn; and that the policies were on
 * meanwhile is proved.
 */
export function guardedCost(subject: Subject, load: Load): Promise<number> {
  return withGuarded(subject, async (server) => {
    const { url, credentials, read } = server;
    const calls = new VariedCalls(subject.tool, credentials);
    const first = calls.next();
    const form = formOf(await answerTo(first, url), first.text);
    await driveVaried(url, calls, form, { ...load, requests: warmUp });
    const before = { ...(await read()), roundTrips: await roundTrips(subject) };
    await driveVaried(url, calls, form, load);
    const { cpuMicroseconds } = await read();
    const trips = (await roundTrips(subject)) - before.roundTrips;
    if (trips > load.requests) throw new Error(`${load.requests} calls took ${trips} round trips to Redis.`);
    await proveFeatures(server, subject.tool, featuresIn(subject), 1 + warmUp + load.requests);
    return (cpuMicroseconds - before.cpuMicroseconds) / load.requests;
  });
}

/** The same for one text of one caller, again and again: what is cached is found. */
export function repeatedCost(subject: Subject, load: Load): Promise<number> {
  return withGuarded(subject, async (server) => {
    const { url, read } = server;
    const call = echoCall(subject.tool);
    const calls: Calls = { next: () => call };
    const form = formOf(await answerTo(call, url), call.text);
    await driveVaried(url, calls, form, { ...load, requests: warmUp });
    const before = await read();
    await driveVaried(url, calls, form, load);
    const { cpuMicroseconds } = await read();
    await proveFeatures(server, subject.tool, featuresIn(subject), 1 + warmUp + load.requests);
    return (cpuMicroseconds - before.cpuMicroseconds) / load.requests;
  });
}

/** How often Redis was asked so far; 0 where nothing is kept there. */
async function roundTrips({ env: { REDIS } }: Subject): Promise<number> {
  if (REDIS === undefined) return 0;
  const redis = new Redis(REDIS);
  try {
    const statistics = await redis.info('commandstats');
    const scripts = [...statistics.matchAll(/^cmdstat_eval(?:sha)?:calls=(\d+)/gm)];
    return scripts.reduce((sum, [, calls]) => sum + Number(calls), 0);
  } finally {
    redis.disconnect();
  }
}

/** None of a server that is not ours. */
function featuresIn({ env }: Subject): ReadonlySet<Feature> {
  return featuresOf(env['POLICIES'] ?? 'none') ?? new Set();
}
