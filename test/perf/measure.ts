import { answerTo, echoCall } from './echo-call.js';
import { drive, type Load, type Served } from './load.js';
import { withServer } from './server-process.js';
import type { Subject } from './subject.js';

/** After so many requests the costs of every server that was measured had settled: what is hot is compiled. */
const warmUp = 10_000;

/** What one run of one server gave. */
export interface Measurement extends Served {
  /** Microseconds of CPU that the server's process, all its threads together, spent on one request. */
  readonly cpuPerRequest: number;
  readonly rssBytes: number;
}

/** Starts a server, checks its answer, warms it up, drives it, reads its accounts and ends it. */
export function measure(subject: Subject, load: Load): Promise<Measurement> {
  const call = echoCall(subject.tool);
  const { connections } = load;
  const requests = Math.max(connections, Math.round(load.requests * subject.share));
  return withServer(subject, async ({ url, read }) => {
    await answerTo(echoCall(subject.tool, 'another text'), url);
    const expected = await answerTo(call, url);
    await drive(url, call, expected, { connections, requests: warmUp });
    const before = await read();
    const served = await drive(url, call, expected, { connections, requests });
    const after = await read();
    const cpuPerRequest = (after.cpuMicroseconds - before.cpuMicroseconds) / requests;
    return { ...served, cpuPerRequest, rssBytes: after.rssBytes };
  });
}
