import { describe, expect, it } from 'vitest';
import { answerTo, echoCall } from './echo-call.js';
import { limits } from './gate.js';
import type { Load } from './load.js';
import { many } from './many-tools.js';
import { measure } from './measure.js';
import { interleave } from './rounds.js';
import { withServer } from './server-process.js';
import { sessionCost, sessionSubjects } from './session.js';
import { settledRatio } from './settled-ratio.js';
import { compareStartup } from './startup.js';
import type { Subject } from './subject.js';
import { ours, plain } from './subjects.js';

/** A short version of `npm run bench`: runs what was built to `dist-test`. */
const load: Load = { connections: 50, requests: 20_000 };
const timeout = 300_000;
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
