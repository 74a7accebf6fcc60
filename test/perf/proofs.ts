import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { valueOf } from '../e2e/support/metrics-text.js';
import { type EchoCall, echoCall } from './echo-call.js';
import type { Feature } from './features.js';
import type { GuardedServer } from './guarded.js';
import { HttpConnection, type HttpAnswer } from './http-connection.js';
import { proveResilience } from './resilience-proofs.js';
import { as } from './varied-load.js';

/** More calls at once than a caller has. */
const flood = 200;
/** Milliseconds in which every record must have been written. */
const auditLimit = 10_000;
const answerLimit = 10_000;
/** Bytes. */
const shortestSpan = 150;
/** Milliseconds in which spans must have been sent: they wait 5 seconds for others. */
const traceLimit = 10_000;

/**
 * Shows that the features of a server were on while it was measured: without a key nobody is answered, what is
 * forbidden is unknown, a caller who asks too much is refused, who asks again is answered from the cache, a tool that
 * fails is left alone, no more runs at once than may, who takes too long is given up, every call has one audit record
 * and is counted, and spans have come to the collector.
 *
 * @param calls - how many calls the server has answered
 * @throws naming the feature that was not on
 */
export async function proveFeatures(
  server: GuardedServer,
  tool: string,
  features: ReadonlySet<Feature>,
  calls: number,
): Promise<void> {
  const { url, credentials, auditFolder, collectorUrl } = server;
  const send = (call: EchoCall): Promise<HttpAnswer> => answersTo(url, [call]).then(([answer]) => answer as HttpAnswer);
  const known = (call: EchoCall, caller = 0): EchoCall => as(credentials[caller] ?? '', call);
  let sent = calls;
  if (features.has('auth')) {
    sent++;
    const { status } = await send(echoCall(tool));
    if (status !== 401) throw new Error(`auth: a call without a key was answered with ${status}.`);
  }
  if (features.has('permissions')) {
    sent++;
    const { body } = await send(known(echoCall('closed'), 1));
    if (!body.includes('"error"') || body.includes('open')) throw new Error(`permissions: ${body.slice(0, 500)}`);
  }
  if (features.has('auth') && features.has('limits')) {
    sent += flood;
    const answers = await answersTo(
      url,
      Array.from({ length: flood }, () => known(echoCall(tool), 2)),
    );
    const refused = answers.filter(({ body }) => body.includes('rate_limited')).length;
    if (refused === 0 || refused === flood)
      throw new Error(`limits: of ${flood} calls at once ${refused} were refused.`);
  }
  if (features.has('cache')) {
    const executions = async (): Promise<number> => {
      sent++;
      const { body } = await send(known(echoCall('executions')));
      return Number(/"text":"(\d+)"/.exec(body)?.[1]);
    };
    const before = await executions();
    sent += 2;
    const again = known(echoCall(tool, 'again'));
    await send(again);
    await send(again);
    const ran = (await executions()) - before;
    if (ran !== 1) throw new Error(`cache: of two equal calls ${ran} ran.`);
  }
  await proveResilience(features, async (...tools) => {
    sent += tools.length;
    const asked = tools.map((name) => known(echoCall(name), 3));
    return (await answersTo(url, asked)).map(({ body }) => body);
  });
  if (features.has('metrics')) {
    sent++;
    const { body } = await send(known(echoCall('metrics_at')));
    await proveMetrics(/"text":"(http[^"]+)"/.exec(body)?.[1], tool, calls);
  }
  if (features.has('audit')) await proveAudit(auditFolder, sent);
  if (features.has('tracing')) await proveTracing(collectorUrl, calls);
}

/** The page counts every call that was measured. */
async function proveMetrics(page: string | undefined, tool: string, calls: number): Promise<void> {
  if (page === undefined) throw new Error('metrics: there is no page of metrics.');
  const text = await (await fetch(page)).text();
  const counted = valueOf(text, 'rookery_calls_total', { kind: 'tool', target: tool, outcome: 'ok' }) ?? 0;
  if (counted < calls) throw new Error(`metrics: of ${calls} calls ${counted} were counted.`);
}

/** A tenth of the calls is traced, and spans are longer than {@link shortestSpan}: half as much proves it. */
async function proveTracing(collectorUrl: string | undefined, calls: number): Promise<void> {
  if (collectorUrl === undefined) throw new Error('tracing: nobody takes spans.');
  const least = calls * 0.05 * shortestSpan;
  const end = performance.now() + traceLimit;
  let bytes = 0;
  while (bytes < least && performance.now() < end) {
    bytes = Number(await (await fetch(collectorUrl)).text());
    if (bytes < least) await wait(200);
  }
  if (bytes < least) throw new Error(`tracing: ${calls} calls made ${bytes} bytes of spans.`);
}

/** Each call on a connection of its own, all at once. */
async function answersTo(url: string, calls: readonly EchoCall[]): Promise<readonly HttpAnswer[]> {
  const connections = calls.map(() => new HttpConnection(url, answerLimit));
  try {
    return await Promise.all(calls.map((call, index) => (connections[index] as HttpConnection).post(call)));
  } finally {
    for (const connection of connections) connection.close();
  }
}

async function proveAudit(folder: string, calls: number): Promise<void> {
  const end = performance.now() + auditLimit;
  let records = await recorded(folder);
  while (records < calls && performance.now() < end) {
    await wait(200);
    records = await recorded(folder);
  }
  if (records !== calls) throw new Error(`audit: ${calls} calls have ${records} records.`);
}

/** How many calls have a record, in whichever file. */
async function recorded(folder: string): Promise<number> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.jsonl'));
  const texts = await Promise.all(files.map((name) => readFile(`${folder}/${name}`, 'utf8')));
  return texts.reduce((sum, text) => sum + text.split('"event":"call"').length - 1, 0);
}
