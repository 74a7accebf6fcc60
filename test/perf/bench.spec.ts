import { describe, expect, it } from 'vitest';
import { startRedis } from '../support/servers/index.js';
import { answerTo, echoCall } from './echo-call.js';
import { features, type Feature } from './features.js';
import { limits } from './gate.js';
import { guarded, guardedCost, repeatedCost, withGuarded } from './guarded.js';
import type { Load } from './load.js';
import { many } from './many-tools.js';
import { measure } from './measure.js';
import {
  cachedEcho,
  everyPolicy,
  everyPolicyWaiting,
  everyPolicyWithRedis,
  everythingObserved,
  identitySubjects,
  plainEcho,
} from './policy-costs.js';
import { proveFeatures } from './proofs.js';
import { interleave } from './rounds.js';
import { withServer } from './server-process.js';
import { sessionCost, sessionSubjects } from './session.js';
import { settledRatio, settledRatios } from './settled-ratio.js';
import { compareStartup } from './startup.js';
import type { Subject } from './subject.js';
import { ours, plain } from './subjects.js';
import { as } from './varied-load.js';

/** A short version of `npm run bench`: runs what was built to `dist-test`. */
const load: Load = { connections: 50, requests: 20_000 };
const timeout = 300_000;
const guardedOf = (subject: Subject): Promise<number> => guardedCost(subject, load);
const cost = async (subject: Subject): Promise<number> => (await measure(subject, load)).cpuPerRequest;

describe('the server', { timeout }, () => {
  it("costs at most twice the plain server's CPU per tools/call", async () => {
    const own = ours();
    const answer = await withServer(own, ({ url }) => answerTo(echoCall(own.tool), url));
    expect(await settledRatio(own, plain(answer), limits.cpu, cost)).toBeLessThanOrEqual(limits.cpu);
  });

  it(`costs no more with ${many} registered tools than with one`, async () => {
    expect(await settledRatio(ours(many), ours(), limits.tools, cost)).toBeLessThanOrEqual(limits.tools);
  });

  it("costs at most four times the plain server's CPU per request of a whole session", async () => {
    const subjects = await sessionSubjects();
    const ratio = await settledRatio(...subjects, limits.sessions, (subject) => sessionCost(subject, load));
    expect(ratio).toBeLessThanOrEqual(limits.sessions);
  });

  it('costs at most 2.5 times as much with API keys, permissions and audit, 2.6 with tokens, 4.5 with forgotten ones', async () => {
    const most = [limits.identityKey, limits.identityToken, limits.identityUncached];
    const limited = identitySubjects.map((subject, index) => ({ subject, limit: most[index] ?? 0 }));
    const ratios = await settledRatios(limited, await plainEcho(), guardedOf);
    for (const [index, ratio] of ratios.entries()) {
      expect(ratio, identitySubjects[index]?.name).toBeLessThanOrEqual(most[index] ?? 0);
    }
  });

  it("costs at most three times the plain server's CPU with every policy, also with metrics and traces, and 1.6 times the first with limits in Redis", async () => {
    const ratio = await settledRatio(everyPolicy, await plainEcho(), limits.policies, guardedOf);
    expect(ratio).toBeLessThanOrEqual(limits.policies);
    const observed = await settledRatio(everythingObserved, await plainEcho(), limits.observed, guardedOf);
    expect(observed).toBeLessThanOrEqual(limits.observed);
    const redis = await startRedis();
    try {
      const shared = everyPolicyWithRedis(redis.url);
      const more = await settledRatio(shared, everyPolicy, limits.sharedLimits, guardedOf);
      expect(more).toBeLessThanOrEqual(limits.sharedLimits);
    } finally {
      await redis.stop();
    }
  });

  it('costs no more with a tool that waits than with one that answers at once', async () => {
    const more = await settledRatio(everyPolicyWaiting, everyPolicy, limits.waiting, guardedOf);
    expect(more).toBeLessThanOrEqual(limits.waiting);
  });

  it('answers from the cache at no more than 1.15 times the cost of an echo', async () => {
    const hit = (subject: Subject): Promise<number> => repeatedCost(subject, load);
    expect(await settledRatio(cachedEcho, ours(), limits.cacheHit, hit)).toBeLessThanOrEqual(limits.cacheHit);
  });

  it('answers within three times the start of an empty Nest application', async () => {
    const { ratio } = await compareStartup(5);
    expect(ratio).toBeLessThanOrEqual(limits.startup);
  });
});

describe('the benchmark', { timeout }, () => {
  it('refuses a server that does not echo', async () => {
    const wrong = plain(
      '{"id":1,"result":{"content":[{"type":"text","text":""}],"resultType":"complete","isError":true}}',
    );
    await expect(measure(wrong, load)).rejects.toThrow('does not echo');
  });

  it('sees that everything was on', async () => {
    await withGuarded(guarded('a claim', features.join()), async (server) => {
      await answerTo(as(server.credentials[0] ?? '', echoCall('echo')), server.url);
      await expect(proveFeatures(server, 'echo', new Set(features), 1)).resolves.toBeUndefined();
    });
  });

  it.each<readonly [Feature, readonly Feature[]]>([
    ['auth', ['auth']],
    ['permissions', ['auth', 'permissions']],
    ['limits', ['auth', 'limits']],
    ['cache', ['cache']],
    ['audit', ['audit']],
    ['breaker', ['audit', 'breaker']],
    ['concurrency', ['audit', 'concurrency']],
    ['deadline', ['audit', 'deadline']],
    ['metrics', ['audit', 'metrics']],
    ['tracing', ['cache', 'tracing']],
  ])('sees that %s was not on', async (feature, claimed) => {
    const on = claimed.filter((name) => name !== feature);
    await withGuarded(guarded('a claim', on.join() || 'none'), async (server) => {
      await expect(proveFeatures(server, 'echo', new Set(claimed), 1)).rejects.toThrow(`${feature}:`);
    });
  });

  it('refuses a server without sessions', async () => {
    await expect(sessionCost(plain(), load)).rejects.toThrow(/answers POST .*initialize.* with 200/);
  });

  it('refuses a server that does not start', async () => {
    const absent = { ...plain(), command: ['dist-test/test/perf/absent.js'] };
    await expect(measure(absent, load)).rejects.toThrow('ended before it listened');
  });

  it('sees what a server does more than another', async () => {
    const echo = { content: [{ type: 'text', text: '' }], resultType: 'complete' };
    const heavy = plain(JSON.stringify({ id: 1, result: { ...echo, _meta: { ballast: 'x'.repeat(100_000) } } }));
    const [more, less] = await interleave([heavy, plain()], 1, (subject) => measure(subject, load));
    expect(more[0]?.cpuPerRequest).toBeGreaterThan(2 * (less[0]?.cpuPerRequest ?? Infinity));
  });
});
