import { Injectable } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  McpPrompt,
  McpResource,
  McpTool,
  MonitoringModule,
  ResilienceModule,
  ToolCacheModule,
} from '../../src/index.js';
import { MetricsPage } from '../../src/monitoring/index.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';
import { FixturesModule } from '../conformance/fixtures/fixtures.module.js';
import { runPromtool } from '../support/prometheus/index.js';
import { Gates } from './support/gates.js';
import { messageOf, openSession, postModern } from './support/http-messages.js';
import { valueOf } from './support/metrics-text.js';

const TASKS = { extensions: { 'io.modelcontextprotocol/tasks': {} }, elicitation: {} };

@Injectable()
class Tools {
  #runs = 0;

  constructor(private readonly gates: Gates) {}

  @McpTool({ description: 'Runs until it is released', maxConcurrency: 1 })
  async alone(): Promise<string> {
    const run = String(++this.#runs);
    this.gates.reach(run, 'begun');
    await this.gates.reached(run, 'released');
    return run;
  }

  @McpTool({ description: 'Is kept', cacheTtl: 60 })
  kept(): number {
    return ++this.#runs;
  }

  @McpPrompt({ description: 'Says' })
  say(): string {
    return 'Say.';
  }

  @McpResource({ uri: 'state://one', description: 'One' })
  one(): string {
    return '1';
  }
}

const start = async (adapter: 'native' | 'sdk'): Promise<TestServer> =>
  await createTestServer({
    transport: 'http',
    era: adapter === 'sdk' ? '2025-11-25' : '2026-07-28',
    server: { adapter },
    imports: [
      FixturesModule,
      MonitoringModule.forRoot(),
      ResilienceModule.forRoot({ rateLimit: { requestsPerMinute: 10_000 }, limits: { maxWaitMs: 60_000 } }),
      ToolCacheModule.forRoot({ maxSize: 2 }),
    ],
    providers: [Tools, Gates],
  });

/** The metrics of a server, as they stand. */
class Shown {
  constructor(private readonly server: TestServer) {}

  async value(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number | undefined> {
    return valueOf(await this.server.app.get(MetricsPage).text(), name, labels);
  }
}

/** Metrics of what there is at the moment, and not of what has happened. */
describe.each(['native', 'sdk'] as const)('the state of a server with the %s adapter', (adapter) => {
  let server: TestServer;
  let shown: Shown;

  beforeAll(async () => {
    server = await start(adapter);
    shown = new Shown(server);
  });
  afterAll(() => server.close());

  const call = async (name: string, args: object = {}): Promise<unknown> =>
    await server.client.callTool({ name, arguments: { ...args } });

  it('[O1] shows open sessions, and the streams on which they listen', async () => {
    const before = (await shown.value('rookery_sessions')) ?? 0;
    // The official client of this era listens by itself.
    const streams = adapter === 'sdk' ? 1 : 0;
    if (adapter === 'sdk') await expect.poll(() => shown.value('rookery_streams')).toBe(streams);
    const id = await openSession(server.url);
    await expect.poll(() => shown.value('rookery_sessions')).toBe(before + 1);
    const headers = { 'mcp-session-id': id, 'mcp-protocol-version': '2025-11-25' };
    const stop = new AbortController();
    const listening = await fetch(server.url, {
      headers: { ...headers, accept: 'text/event-stream' },
      signal: stop.signal,
    });
    expect(listening.status).toBe(200);
    await expect.poll(() => shown.value('rookery_streams')).toBe(streams + 1);
    stop.abort();
    await expect.poll(() => shown.value('rookery_streams')).toBe(streams);
    expect((await fetch(server.url, { method: 'DELETE', headers })).ok).toBe(true);
    await expect.poll(() => shown.value('rookery_sessions')).toBe(before);
  });

  it('[O1] shows what waits for a slot', async () => {
    const gates = server.app.get(Gates);
    const calls = [call('alone'), call('alone')];
    await gates.reached('1', 'begun');
    await expect.poll(() => shown.value('rookery_queue_length', { limit: 'tool:alone' })).toBe(1);
    await expect.poll(() => shown.value('rookery_calls_in_flight', { kind: 'tool' })).toBe(2);
    gates.reach('1', 'released');
    await gates.reached('2', 'begun');
    gates.reach('2', 'released');
    await Promise.all(calls);
    await expect.poll(() => shown.value('rookery_queue_length', { limit: 'tool:alone' })).toBe(0);
  });

  it('[O1] shows how full the cache and the table of limits are', async () => {
    expect(await shown.value('rookery_cache_entries')).toBe(0);
    expect(await shown.value('rookery_cache_max_entries')).toBe(2);
    await call('kept');
    expect(await shown.value('rookery_cache_entries')).toBe(1);
    expect(await shown.value('rookery_cache_evictions_total')).toBe(0);
    expect(await shown.value('rookery_limit_keys')).toBeGreaterThan(0);
  });

  it('[O1] counts resources and prompts as it counts tools', async () => {
    await server.client.readResource({ uri: 'state://one' });
    await server.client.getPrompt({ name: 'say' });
    expect(await shown.value('rookery_calls_total', { kind: 'resource', target: 'one', outcome: 'ok' })).toBe(1);
    expect(await shown.value('rookery_calls_total', { kind: 'prompt', target: 'say', outcome: 'ok' })).toBe(1);
  });

  it('[O1] passes promtool check metrics', async () => {
    const page = await server.app.get(MetricsPage).text();
    expect(await runPromtool(['check', 'metrics'], page)).toEqual({ code: 0, output: '' });
  });
});

describe('the state of a server of the 2026 era', () => {
  let server: TestServer;
  let shown: Shown;

  beforeAll(async () => {
    server = await start('native');
    shown = new Shown(server);
  });
  afterAll(() => server.close());

  it('[O1] shows tasks by state, and how they ended', async () => {
    const request = async (method: string, params: Record<string, unknown>): Promise<Record<string, unknown>> =>
      (await messageOf(await postModern(server.url, method, params, { capabilities: TASKS }))).result ?? {};
    const begin = async (name: string, args: object): Promise<unknown> =>
      (await request('tools/call', { name, arguments: args }))['taskId'];
    const [slow, asking] = [
      await begin('slow_compute', { seconds: 60 }),
      await begin('confirm_delete', { filename: 'a.txt' }),
    ];
    await expect.poll(() => shown.value('rookery_tasks', { state: 'working' })).toBe(1);
    await expect.poll(() => shown.value('rookery_tasks', { state: 'input_required' })).toBe(1);
    await request('tasks/cancel', { taskId: slow });
    await request('tasks/update', { taskId: asking, inputResponses: { confirm: { action: 'decline' } } });
    await expect.poll(() => shown.value('rookery_tasks_ended_total', { state: 'cancelled' })).toBe(1);
    await expect.poll(() => shown.value('rookery_tasks_ended_total', { state: 'completed' })).toBe(1);
    for (const state of ['working', 'input_required'])
      await expect.poll(() => shown.value('rookery_tasks', { state })).toBe(0);
  });

  it('[O1] shows subscriptions as streams', async () => {
    const stop = new AbortController();
    const before = (await shown.value('rookery_streams')) ?? 0;
    const params = { notifications: { toolsListChanged: true } };
    await postModern(server.url, 'subscriptions/listen', params, { signal: stop.signal });
    await expect.poll(() => shown.value('rookery_streams')).toBe(before + 1);
    stop.abort();
    await expect.poll(() => shown.value('rookery_streams')).toBe(before);
  });
});
