import { setImmediate } from 'node:timers/promises';
import { Injectable, UseGuards, type CanActivate } from '@nestjs/common';
import { propagation, context as contexts, trace } from '@opentelemetry/api';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { DenialReason, ForbiddenError, HealthIndicators, Tracer, type TraceCarrier } from '../../src/core/index.js';
import { Call, Caller, McpTool, MonitoringModule, Telemetry, ToolError } from '../../src/index.js';
import { createTestServer, type TestServer, type TestServerOptions } from '../../src/testing/index.js';
import { OtlpReceiver, type CollectorMood } from '../support/otlp/index.js';
import { post, postModern } from './support/http-messages.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = `00-${TRACE}-b7ad6b7169203331-01`;
const OTHER = `00-${TRACE.replace('0af', '1af')}-c7ad6b7169203331-01`;
const CONNECTING = 1; // spans of the requests by which the test's client connects
/** The text of arguments that must not be seen. */
const PRIVATE = 'sk-argument-that-nobody-may-see';

@Injectable()
class NobodyGuard implements CanActivate {
  canActivate(): never {
    throw new ForbiddenError('Not you.', { cause: new DenialReason('guard:nobody', PRIVATE) });
  }
}

@Injectable()
class TracedTools {
  constructor(
    private readonly caller: Caller,
    private readonly tracer: Tracer,
  ) {}

  @McpTool({ description: 'Answers.', inputSchema: z.object({ text: z.string().optional() }) })
  answer(): string {
    return '42';
  }

  @McpTool({ description: 'Calls another one, in a span of its own.' })
  async outer(_input: object, call: Call): Promise<string> {
    const inner = new Call({ kind: 'tool', name: 'answer', input: { text: PRIVATE }, parent: call });
    const { code } = await this.tracer.span('ask', { kind: 'client', attributes: { 'rookery.asked': 'answer' } }, () =>
      this.caller.call(inner),
    );
    this.tracer.event('asked', { again: false });
    return code;
  }

  @McpTool({ description: 'Says what a request out would carry, and which trace it is in.' })
  carried(): string {
    const headers: TraceCarrier = {};
    this.tracer.inject(headers);
    return JSON.stringify({ headers, traceId: this.tracer.traceId });
  }

  @McpTool({ description: 'Does something in a span of OpenTelemetry’s own API.' })
  async instrumented(): Promise<string> {
    return trace.getTracer('team').startActiveSpan('team work', async (span) => {
      await setImmediate();
      const headers: Record<string, string> = {};
      propagation.inject(contexts.active(), headers);
      const within = trace.getActiveSpan()?.spanContext().spanId === span.spanContext().spanId;
      span.end();
      return JSON.stringify({ within, traceparent: headers['traceparent'] });
    });
  }

  @McpTool({ description: 'Refuses.' })
  @UseGuards(NobodyGuard)
  closed(): string {
    return 'open';
  }

  @McpTool({ description: 'Fails.', inputSchema: z.object({ text: z.string() }) })
  fail({ text }: { text: string }): string {
    throw new ToolError(`It is wrong: ${text}`);
  }

  @McpTool({ description: 'Fails inside of a span.' })
  broken(): Promise<string> {
    return this.tracer.span('inside', {}, () => Promise.reject(new RangeError(PRIVATE)));
  }
}

describe('traces', () => {
  const opened: { close(): Promise<unknown> }[] = [];
  const collect = async (port = 0): Promise<OtlpReceiver> => {
    const receiver = await OtlpReceiver.start(port);
    opened.push(receiver);
    return receiver;
  };
  const serve = async (tracing: object, options: TestServerOptions = {}): Promise<TestServer> => {
    const settings = { exportIntervalMs: 20, sampleRate: 1, ...tracing };
    const server = await createTestServer({
      ...options,
      imports: [MonitoringModule.forRoot({ tracing: settings }), ...(options.imports ?? [])],
      providers: [TracedTools],
    });
    opened.push(server);
    return server;
  };
  afterEach(async () => {
    for (const one of opened.splice(0).toReversed()) await one.close();
  });

  const call = (server: TestServer, name: string, args = {}, _meta?: Record<string, unknown>): Promise<string> =>
    server.client
      .callTool({ name, arguments: args, ...(_meta && { _meta }) })
      .then(({ content }) => (content[0] as { text: string }).text);
  const spansOf = (server: TestServer, result: string): number =>
    server.app
      .get(Telemetry)
      .samples()
      .find(({ name, labels }) => name === 'rookery_trace_spans_total' && labels['result'] === result)?.value ?? 0;

  it('[O3] continue from the client through a tool, a span of its and an inner call', async () => {
    const collector = await collect();
    const server = await serve({ endpoint: collector.url });
    await call(server, 'outer', {}, { traceparent: PARENT, tracestate: 'vendor=1' });
    const outer = await collector.span('tools/call outer');
    const [ask, inner] = [await collector.span('ask'), await collector.span('tools/call answer')];
    expect(outer).toMatchObject({ traceId: TRACE, parentSpanId: 'b7ad6b7169203331', traceState: 'vendor=1' });
    expect(outer).toMatchObject({ kind: 'server', scope: 'rookery', service: 'test', status: { code: 'unset' } });
    expect(ask).toMatchObject({ traceId: TRACE, parentSpanId: outer.spanId, kind: 'client' });
    expect(ask.attributes).toEqual({ 'rookery.asked': 'answer' });
    expect(inner).toMatchObject({ traceId: TRACE, parentSpanId: ask.spanId, kind: 'internal' });
    expect(outer.events).toEqual([{ name: 'asked', attributes: { again: false } }]);
    expect(outer.durationMs).toBeGreaterThanOrEqual(inner.durationMs);
    expect(collector.exports[0]?.path).toBe('/v1/traces');
  });

  it('[O3] say what was called by the conventions for MCP', async () => {
    const collector = await collect();
    const server = await serve(
      { endpoint: collector.url },
      { principal: { id: 'ada', roles: [], permissions: [], attributes: {} } },
    );
    await call(server, 'answer');
    expect((await collector.span('tools/call answer')).attributes).toEqual({
      'mcp.method.name': 'tools/call',
      'mcp.protocol.version': '2026-07-28',
      'jsonrpc.request.id': expect.stringMatching(/^\d+$/) as string,
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'answer',
      'network.transport': 'pipe',
      'enduser.id': 'ada',
      'rookery.outcome': 'ok',
      'rookery.call.id': expect.any(String),
    });
  });

  it('[O3] continue from the headers of a request, in either era, unless its envelope names another trace', async () => {
    const collector = await collect();
    const { url } = await serve({ endpoint: collector.url }, { transport: 'http' });
    const headers = { traceparent: PARENT };
    await (await postModern(url, 'tools/call', { name: 'answer', arguments: {} }, { headers })).arrayBuffer();
    await collector.until(() => collector.ofCalls.length === 1);
    const initialize = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } };
    const started = await post(url, { jsonrpc: '2.0', id: 1, method: 'initialize', params: initialize });
    await started.arrayBuffer();
    const session = { ...headers, 'mcp-session-id': started.headers.get('mcp-session-id') ?? '' };
    const legacy = async (_meta?: object): Promise<void> => {
      const params = { name: 'answer', arguments: {}, ...(_meta && { _meta }) };
      await (await post(url, { jsonrpc: '2.0', id: 2, method: 'tools/call', params }, session)).arrayBuffer();
    };
    await legacy();
    await collector.until(() => collector.ofCalls.length === 2);
    await legacy({ traceparent: OTHER });
    await collector.until(() => collector.ofCalls.length === 3);
    const [modern, old, named] = collector.ofCalls;
    expect(modern).toMatchObject({ traceId: TRACE, parentSpanId: 'b7ad6b7169203331' });
    expect(modern?.attributes).toMatchObject({ 'network.transport': 'tcp', 'client.address': '127.0.0.1' });
    expect(old?.traceId).toBe(TRACE);
    expect(named).toMatchObject({ traceId: OTHER.slice(3, 35), parentSpanId: 'c7ad6b7169203331' });
  });

  it('[O3] go on in requests out, sampled or not, with state and baggage', async () => {
    const collector = await collect();
    const server = await serve({ endpoint: collector.url });
    const meta = { traceparent: PARENT, tracestate: 'vendor=1', baggage: 'tenant=acme;p=1,user=a%20b' };
    const sampled = JSON.parse(await call(server, 'carried', {}, meta));
    const span = await collector.span('tools/call carried');
    expect(sampled).toEqual({
      traceId: TRACE,
      headers: { ...meta, traceparent: `00-${TRACE}-${span.spanId}-01` },
    });
    const unsampled = { ...meta, traceparent: PARENT.replace(/01$/, '00') };
    expect(JSON.parse(await call(server, 'carried', {}, unsampled))).toEqual({ traceId: TRACE, headers: unsampled });
    await server.close();
    opened.pop();
    expect(collector.ofCalls).toHaveLength(1);
  });

  it('[O3] have an id also where nothing is recorded, the same wherever it is asked for', async () => {
    const collector = await collect();
    const server = await serve({ endpoint: collector.url, sampleRate: 0 });
    const { headers, traceId } = JSON.parse(await call(server, 'carried'));
    expect(traceId).toMatch(/^[\da-f]{32}$/);
    expect(headers.traceparent).toMatch(new RegExp(`^00-${traceId}-[\\da-f]{16}-00$`));
  });

  it.each([
    ['malformed', 'nonsense'],
    ['of an empty trace', `00-${'0'.repeat(32)}-b7ad6b7169203331-01`],
  ])('[O3] begin anew where the client’s is %s', async (_what, traceparent) => {
    const collector = await collect();
    const server = await serve({ endpoint: collector.url });
    await call(server, 'answer', {}, { traceparent });
    expect(await collector.span('tools/call answer')).toMatchObject({ parentSpanId: '' });
  });

  it('[O3] are recorded for the share of calls that is asked for, and for all of sampled callers', async () => {
    const collector = await collect();
    const server = await serve({ endpoint: collector.url, sampleRate: 0.1 });
    const caller = server.app.get(Caller);
    const calls = 2_000;
    const make = (traceparent?: string) =>
      caller.call(
        new Call({ kind: 'tool', name: 'answer', input: {}, trace: traceparent ? { traceparent } : undefined }),
      );
    for (let made = 0; made < calls; made++) await make();
    for (let made = 0; made < 50; made++) await make(PARENT);
    for (let made = 0; made < 50; made++) await make(PARENT.replace(/01$/, '00'));
    await server.close();
    opened.pop();
    const fromCaller = collector.spans.filter(({ traceId }) => traceId === TRACE).length;
    const drawn = collector.ofCalls.length - fromCaller;
    expect(fromCaller).toBe(50);
    // Six standard deviations: wrong once in a thousand million runs.
    const deviation = Math.sqrt(calls * 0.1 * 0.9);
    expect(Math.abs(drawn - calls * 0.1)).toBeLessThan(6 * deviation);
    expect(new Set(collector.ofCalls.map(({ traceId }) => traceId)).size).toBe(drawn + 1);
  });

  it('[O3] have no arguments, results or messages, whatever becomes of a call', async () => {
    const collector = await collect();
    const server = await serve({ endpoint: collector.url, headers: { authorization: 'Bearer sk-collector' } });
    await call(server, 'answer', { text: PRIVATE });
    await call(server, 'fail', { text: PRIVATE });
    await call(server, 'answer', { text: 7, more: PRIVATE });
    await call(server, 'broken').catch(() => undefined);
    await collector.span('tools/call broken');
    await collector.until(() => collector.ofCalls.length >= 5);
    expect(JSON.stringify(collector.spans)).not.toMatch(new RegExp(`${PRIVATE}|sk-collector`));
    expect(collector.exports[0]?.headers.authorization).toBe('Bearer sk-collector');
    const inside = collector.spans.find(({ name }) => name === 'inside');
    expect(inside).toMatchObject({
      status: { code: 'error', message: '' },
      attributes: { 'error.type': 'RangeError' },
    });
  });

  it('[O3] have arguments where they are asked for, without credentials', async () => {
    const collector = await collect();
    const server = await serve({ endpoint: collector.url, recordArguments: true, recordPrincipal: false });
    await call(server, 'answer', { text: 'the meaning of life' });
    const { attributes } = await collector.span('tools/call answer');
    expect(attributes['gen_ai.tool.call.arguments']).toBe('{"text":"the meaning of life"}');
    expect(attributes).not.toHaveProperty('enduser.id');
  });

  it.each([
    ['a tool that fails', 'fail', { text: 'x' }, 'tools/call fail', 'tool_error'],
    ['wrong arguments', 'answer', { text: 7 }, 'tools/call answer', 'invalid_arguments'],
    ['a tool that there is not', 'nowhere', {}, 'tools/call', 'unknown'],
  ])('[O3] say how %s ended', async (_what, name, args, span, outcome) => {
    const collector = await collect();
    const server = await serve({ endpoint: collector.url });
    await call(server, name, args).catch(() => undefined);
    const received = await collector.span(span);
    expect(received.status).toEqual({ code: 'error', message: '' });
    expect(received.attributes).toMatchObject({ 'rookery.outcome': outcome, 'error.type': outcome });
    expect(JSON.stringify(received)).not.toContain('nowhere');
  });

  it('[O3] say of a refused call which rule refused it', async () => {
    const collector = await collect();
    const server = await serve({ endpoint: collector.url });
    await call(server, 'closed');
    const refused = await collector.span('tools/call closed');
    expect(refused.attributes).toMatchObject({ 'rookery.outcome': 'forbidden', 'error.type': 'forbidden' });
    const attributes = { 'rookery.outcome': 'forbidden', 'rookery.rule': 'guard:nobody' };
    expect(refused.events).toEqual([{ name: 'rookery.refused', attributes }]);
    expect(JSON.stringify(refused)).not.toContain(PRIVATE);
  });

  it('[O3] have the spans that a team makes with OpenTelemetry’s API inside of a call', async () => {
    const collector = await collect();
    const server = await serve({ endpoint: collector.url });
    const { within, traceparent } = JSON.parse(await call(server, 'instrumented', {}, { traceparent: PARENT }));
    const [outer, team] = [await collector.span('tools/call instrumented'), await collector.span('team work')];
    expect(team).toMatchObject({ traceId: TRACE, parentSpanId: outer.spanId, scope: 'team' });
    expect(within).toBe(true);
    expect(traceparent).toBe(`00-${TRACE}-${team.spanId}-01`);
  });

  it('[O3] of two servers in one process go to the collector of each', async () => {
    const collectors = [await collect(), await collect()] as const;
    const servers = [
      await serve({ endpoint: collectors[0].url, serviceName: 'one' }),
      await serve({ endpoint: collectors[1].url, serviceName: 'two' }),
    ] as const;
    await Promise.all(servers.flatMap((server) => [call(server, 'instrumented'), call(server, 'instrumented')]));
    for (const [index, collector] of collectors.entries()) {
      await collector.until(() => collector.ofCalls.length === 4);
      expect(new Set(collector.spans.map(({ service }) => service))).toEqual(new Set([['one', 'two'][index]]));
      const calls = new Set(
        collector.ofCalls.filter(({ kind }) => kind === 'server').map(({ traceId, spanId }) => `${traceId} ${spanId}`),
      );
      const team = collector.spans.filter(({ name }) => name === 'team work');
      expect(team).toHaveLength(2);
      for (const { traceId, parentSpanId } of team) expect(calls).toContain(`${traceId} ${parentSpanId}`);
    }
  });

  it('[O3] of the last calls are sent when the server stops', async () => {
    const collector = await collect();
    const server = await serve({ endpoint: collector.url, exportIntervalMs: 600_000, compression: 'gzip' });
    for (let made = 0; made < 7; made++) await call(server, 'answer');
    expect(collector.ofCalls).toHaveLength(0);
    await server.close();
    opened.pop();
    expect(collector.ofCalls).toHaveLength(7);
    expect(collector.exports[0]?.headers['content-encoding']).toBe('gzip');
  });

  describe.each<readonly [string, CollectorMood | 'absent', string]>([
    ['is not there', 'absent', 'ECONNREFUSED'],
    ['answers 500', { status: 500 }, 'HTTP status 500'],
    ['answers nothing', 'hang', 'no answer in time'],
  ])('with a collector that %s', (_what, mood, reason) => {
    it('[O3] neither fail calls nor slow them, are counted and show in health', async () => {
      const collector = await collect();
      const { url } = collector;
      if (mood === 'absent') await closed(collector, opened);
      else collector.mood = mood;
      const tracing = { endpoint: url, timeoutMs: 200, shutdownTimeoutMs: 300, queueSize: 20, batchSize: 10 };
      const server = await serve(tracing);
      const durations: number[] = [];
      for (let made = 0; made < 100; made++) {
        const before = performance.now();
        expect(await call(server, 'answer')).toBe('42');
        durations.push(performance.now() - before);
      }
      const check = (): string => {
        const probe = probeOf(server);
        expect(probe?.critical).toBe(false);
        try {
          void probe?.check(AbortSignal.timeout(1_000));
          return 'well';
        } catch (error) {
          return `${(error as Error).name}: ${(error as Error).message}`;
        }
      };
      await expect.poll(() => spansOf(server, 'failed'), { timeout: 5_000 }).toBeGreaterThan(0);
      expect(check()).toMatch(`HealthDegradedError: The collector at ${url} does not take traces: ${reason}.`);
      expect(check()).not.toContain('sk-secret');
      const stopping = performance.now();
      await server.close();
      opened.splice(opened.indexOf(server), 1);
      expect(performance.now() - stopping).toBeLessThan(2_000);
      expect(spansOf(server, 'exported')).toBe(0);
      expect(spansOf(server, 'failed') + spansOf(server, 'dropped')).toBe(100 + CONNECTING);
      if (mood === 'hang') expect(spansOf(server, 'dropped')).toBeGreaterThan(0);
      expect(durations.toSorted((a, b) => a - b)[50]).toBeLessThan(50);
    });
  });

  it('[O3] are sent again when the collector comes back', async () => {
    const collector = await collect();
    collector.mood = { status: 500 };
    const server = await serve({ endpoint: collector.url });
    await call(server, 'answer');
    await expect.poll(() => spansOf(server, 'failed')).toBe(1 + CONNECTING);
    collector.mood = 'well';
    await call(server, 'answer');
    await collector.span('tools/call answer');
    await expect.poll(() => spansOf(server, 'exported')).toBe(1);
    expect(probeOf(server)?.check(AbortSignal.timeout(1_000))).toEqual({
      collector: collector.url,
      spans: { exported: 1, failed: 1 + CONNECTING, dropped: 0 },
    });
  });

  it('[O3] are none, and OpenTelemetry is not asked, where nobody wants them', async () => {
    const server = await createTestServer({ imports: [MonitoringModule.forRoot()], providers: [TracedTools] });
    opened.push(server);
    expect(JSON.parse(await call(server, 'carried', {}, { traceparent: PARENT }))).toEqual({ headers: {} });
    expect(await call(server, 'outer')).toBe('ok');
  });
});

function probeOf({ app }: TestServer) {
  const probes = app.get(HealthIndicators).all();
  return probes.find(({ name }) => name === 'tracing');
}

async function closed(collector: OtlpReceiver, opened: { close(): Promise<unknown> }[]): Promise<void> {
  opened.splice(opened.indexOf(collector), 1);
  await collector.close();
}
