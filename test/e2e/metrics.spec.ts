import { createServer as createHttpServer, request } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Injectable } from '@nestjs/common';
import { InjectMetric, makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import { register, type Counter } from 'prom-client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { McpTool, MonitoringModule, createServer } from '../../src/index.js';
import { MetricsPage, MetricsServer } from '../../src/monitoring/index.js';
import { createTestServer } from '../../src/testing/index.js';
import { runPromtool } from '../support/prometheus/index.js';
import { postModern } from './support/http-messages.js';
import { valueOf } from './support/metrics-text.js';
import { KEYS, startMonitored, type Monitored } from './support/monitored.js';

describe('metrics on the main port', () => {
  let server: Monitored;
  let page: string;

  beforeAll(async () => {
    server = await startMonitored();
    const call = async (name: string, args: object = {}, key: string = KEYS.caller): Promise<void> => {
      const headers = { authorization: `Bearer ${key}` };
      await (await postModern(server.url, 'tools/call', { name, arguments: args }, { headers })).arrayBuffer();
    };
    for (const name of ['answer', 'refuse', 'fail', 'slow', 'hidden', 'nowhere']) await call(name);
    for (const name of ['rare', 'rare', 'cached', 'cached', 'broken', 'broken', 'broken']) await call(name);
    await call('answer', { extra: 1 });
    await call('answer', {}, 'rk_nobody_bm90IGEga2V5IGF0IGFsbA');
    page = await (await server.get('/metrics', KEYS.scraper)).text();
  });
  afterAll(() => server.standalone.stop());

  it.each([
    ['answer', 'ok', 1],
    ['answer', 'invalid_arguments', 1],
    ['refuse', 'forbidden', 1],
    ['fail', 'tool_error', 1],
    ['slow', 'timeout', 1],
    ['rare', 'ok', 1],
    ['rare', 'rate_limited', 1],
    ['broken', 'internal', 2],
    ['broken', 'breaker_open', 1],
    ['cached', 'ok', 2],
  ])('[O1] counts calls of %s that end as %s', (target, outcome, count) => {
    expect(valueOf(page, 'rookery_calls_total', { kind: 'tool', target, outcome })).toBe(count);
  });

  it('[O1] counts hidden and unregistered names together', () => {
    const unknown = page
      .split('\n')
      .filter((line) => line.startsWith('rookery_calls_total{') && /outcome="unknown"/.test(line));
    expect(unknown.map((line) => /target="([^"]*)"/.exec(line)?.[1])).toContain('_unknown');
    expect(page).not.toContain('nowhere');
  });

  it('[O1] times tools in seconds, with every call within +Inf', () => {
    expect(valueOf(page, 'rookery_tool_duration_seconds_count', { tool: 'slow' })).toBe(1);
    expect(valueOf(page, 'rookery_tool_duration_seconds_sum', { tool: 'slow' })).toBeGreaterThan(0.015);
    expect(valueOf(page, 'rookery_tool_duration_seconds_bucket', { tool: 'slow', le: '0.01' })).toBe(0);
    expect(valueOf(page, 'rookery_tool_duration_seconds_bucket', { tool: 'slow', le: '+Inf' })).toBe(1);
  });

  it('[O1] shows what is in flight, the cache, limits, breakers and who was not let in', () => {
    expect(valueOf(page, 'rookery_calls_in_flight', { kind: 'tool' })).toBe(0);
    expect(valueOf(page, 'rookery_cache_requests_total', { tool: 'cached', result: 'hit' })).toBe(1);
    expect(valueOf(page, 'rookery_cache_requests_total', { tool: 'cached', result: 'miss' })).toBe(1);
    expect(valueOf(page, 'rookery_rate_limited_total', { target: 'rare' })).toBe(1);
    expect(valueOf(page, 'rookery_auth_attempts_total')).toBeDefined();
  });

  it('[R5] shows the state of a breaker', () => {
    expect(valueOf(page, 'rookery_breaker_state', { tool: 'broken' })).toBe(2);
  });

  it('[O1] shows the process and the server', () => {
    expect(valueOf(page, 'process_cpu_seconds_total')).toBeGreaterThan(0);
    expect(valueOf(page, 'process_resident_memory_bytes')).toBeGreaterThan(1e6);
    expect(valueOf(page, 'rookery_ready')).toBe(1);
    const build = { version: server.standalone.server.version, node: process.versions.node };
    expect(valueOf(page, 'rookery_build_info', build)).toBe(1);
    const ago = Date.now() / 1000 - (valueOf(page, 'rookery_start_time_seconds') ?? 0);
    expect(ago).toBeGreaterThan(0);
    expect(ago).toBeLessThan(120);
    expect(valueOf(page, 'rookery_event_loop_delay_seconds')).toBeGreaterThanOrEqual(0);
  });

  it('[O1] passes promtool check metrics', async () => {
    expect(await runPromtool(['check', 'metrics'], page)).toEqual({ code: 0, output: '' });
  }, 300_000);

  it('is for those with the permission, and nobody else', async () => {
    expect((await server.get('/metrics')).status).toBe(401);
    const refused = await server.get('/metrics', KEYS.caller);
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain('rookery:metrics');
    expect((await server.get('/metrics', KEYS.operator)).status).toBe(200);
    const answered = await server.get('/metrics', KEYS.scraper);
    expect(answered.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(answered.headers.get('cache-control')).toBe('no-store');
  });

  it('[O1] has no names of callers', () => {
    expect(page).not.toMatch(/"(?:caller|scraper|operator)"/);
  });
});

describe('metrics on a port of their own', () => {
  const stops: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
  });

  const start = async (metricsExportPort = 0): Promise<Monitored & { readonly metrics: string }> => {
    const server = await startMonitored({ metricsExportPort });
    stops.push(server.standalone.stop);
    return { ...server, metrics: server.standalone.app.get(MetricsServer).url ?? '' };
  };

  /** `fetch` would not send another name for the host. */
  const statusFor = async (url: string, host: string, method = 'GET'): Promise<number | undefined> => {
    const asked = request(url, { method, headers: { host } }).end();
    const [response] = (await once(asked, 'response')) as [{ statusCode?: number; resume(): void }];
    response.resume();
    return response.statusCode;
  };

  it('[O1] answers without a credential on loopback, and the main port no more', async () => {
    const { metrics, get } = await start();
    expect(new URL(metrics).hostname).toBe('127.0.0.1');
    const answered = await fetch(metrics);
    expect(answered.status).toBe(200);
    expect(await answered.text()).toContain('# TYPE rookery_ready gauge\n');
    const main = await get('/metrics', KEYS.scraper);
    expect(main.status).toBe(404);
    expect(await main.text()).toContain('monitoring.metrics.exportPort');
  });

  it('answers nothing else, and no page of a browser under another name', async () => {
    const { metrics } = await start();
    const { host } = new URL(metrics);
    expect((await fetch(new URL('/', metrics))).status).toBe(404);
    expect(await statusFor(metrics, host, 'POST')).toBe(405);
    expect(await statusFor(metrics, 'rebound.example')).toBe(403);
    expect(await statusFor(metrics, host)).toBe(200);
  });

  it('keeps the server from starting when the port is taken, and says which key to change', async () => {
    const taken = createHttpServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    stops.push(async () => {
      taken.close();
      await once(taken, 'close');
    });
    await expect(start(port)).rejects.toThrow(/EADDRINUSE.*monitoring\.metrics\.exportPort/);
  });

  it('is not listened on by a process that serves nobody', async () => {
    const options = { metrics: { exportPort: 0 }, serves: false };
    const standalone = await createServer({ logger: false, imports: [MonitoringModule.forRoot(options)] });
    stops.push(standalone.stop);
    expect(standalone.app.get(MetricsServer).url).toBeUndefined();
  });

  it('ends with the server', async () => {
    const { metrics, standalone } = await start();
    await standalone.stop();
    await expect(fetch(metrics)).rejects.toThrow('fetch failed');
  });
});

describe("a team's own metrics", () => {
  @Injectable()
  class Orders {
    constructor(@InjectMetric('orders_shipped_total') private readonly shipped: Counter) {}

    @McpTool({ description: 'Ships' })
    ship(): string {
      this.shipped.inc();
      return 'shipped';
    }
  }

  const providers = [
    Orders,
    makeCounterProvider({ name: 'orders_shipped_total', help: 'Orders shipped.' }),
    makeGaugeProvider({
      name: 'orders_open',
      help: 'Orders open.',
      collect: () => Promise.reject(new Error('no database')),
    }),
    makeGaugeProvider({ name: 'orders_lost', help: 'Orders lost.', collect: () => new Promise<void>(() => undefined) }),
    makeCounterProvider({ name: 'rookery_calls_total', help: 'Not ours.' }),
  ];
  const names = ['orders_shipped_total', 'orders_open', 'orders_lost', 'rookery_calls_total'];
  afterAll(() => {
    for (const name of names) register.removeSingleMetric(name);
  });

  it('[O1] are on the same page; one that fails, hangs or has a name of ours is left out and counted', async () => {
    const test = await createTestServer({ imports: [MonitoringModule.forRoot()], providers });
    await test.client.callTool({ name: 'ship' });
    const page = await test.app.get(MetricsPage).text();
    expect(valueOf(page, 'orders_shipped_total')).toBe(1);
    expect(page.match(/^# TYPE rookery_calls_total /gm)).toHaveLength(1);
    for (const metric of ['orders_open', 'orders_lost', 'rookery_calls_total']) {
      expect(valueOf(page, 'rookery_metrics_collect_failures_total', { metric })).toBe(1);
    }
    expect(await runPromtool(['check', 'metrics'], page)).toEqual({ code: 0, output: '' });
    await test.close();
  }, 300_000);

  it('[O1] two servers in one process have each their own calls', async () => {
    const start = async (name: string): ReturnType<typeof createTestServer> =>
      await createTestServer({ imports: [MonitoringModule.forRoot()], server: { name } });
    const [one, two] = [await start('one'), await start('two')];
    await expect(one.client.callTool({ name: 'nothing' })).rejects.toMatchObject({ code: -32602 });
    const pages = [await one.app.get(MetricsPage).text(), await two.app.get(MetricsPage).text()];
    expect(pages.map((page) => valueOf(page, 'rookery_calls_total', { outcome: 'unknown' }))).toEqual([1, undefined]);
    expect(pages.map((page) => /rookery_build_info\{name="(\w+)"/.exec(page)?.[1])).toEqual(['one', 'two']);
    await one.close();
    expect(valueOf(await two.app.get(MetricsPage).text(), 'process_cpu_seconds_total')).toBeGreaterThan(0);
    await two.close();
  });
});
