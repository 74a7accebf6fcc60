import { performance } from 'node:perf_hooks';
import autocannon from 'autocannon';
import type { EchoCall } from './echo-call.js';
import { percentile } from './statistics.js';

const longestRun = 180_000;

/** How hard a server is driven. */
export interface Load {
  readonly connections: number;
  readonly requests: number;
}

/** What the client saw. Latencies in milliseconds. */
export interface Served {
  readonly requestsPerSecond: number;
  readonly p50: number;
  readonly p99: number;
}

/**
 * Sends `call` as often as `load` says and compares every answer with `expected`.
 *
 * @throws when one answer is not a 2xx, has other bytes, or does not come.
 */
export async function drive(url: string, call: EchoCall, expected: string, load: Load): Promise<Served> {
  const latencies: number[] = [];
  const begin = performance.now();
  let last = begin;
  const run = autocannon({
    url,
    method: 'POST',
    headers: call.headers,
    body: call.body,
    connections: load.connections,
    amount: load.requests,
    expectBody: expected,
    bailout: 1,
    sampleInt: 50,
  });
  run.on('response', (_client, _status, _bytes, milliseconds) => {
    latencies.push(milliseconds);
    last = performance.now();
  });
  const timer = setTimeout(() => run.stop(), longestRun);
  const result = await run;
  clearTimeout(timer);

  const { non2xx, errors, timeouts, mismatches } = result;
  if (result['2xx'] !== load.requests || non2xx + errors + timeouts + mismatches > 0) {
    const faults = JSON.stringify({ '2xx': result['2xx'], non2xx, errors, timeouts, mismatches });
    throw new Error(`${url}: ${load.requests} requests were not all answered as they should be: ${faults}`);
  }
  return {
    requestsPerSecond: (load.requests / (last - begin)) * 1_000,
    p50: percentile(latencies, 50),
    p99: percentile(latencies, 99),
  };
}
