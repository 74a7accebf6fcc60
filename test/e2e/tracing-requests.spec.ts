import { Injectable } from '@nestjs/common';
import { afterEach, describe, expect, it } from 'vitest';
import { AuthModule, McpTool, MonitoringModule, ToolCacheModule, createServer } from '../../src/index.js';
import { OtlpReceiver } from '../support/otlp/index.js';
import { post, postModern } from './support/http-messages.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = `00-${TRACE}-b7ad6b7169203331-01`;
const KEY = 'rk_caller_c29tZWJvZHkgd2hvIGNhbGxz';
const WRONG = 'rk_caller_bm90IHRoZSBrZXkgb2YgYW55';
const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
};

@Injectable()
class Tools {
  @McpTool({ description: 'Answers.', cacheTtl: 60 })
  answer(): string {
    return '42';
  }
}

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

interface Traced {
  readonly collector: OtlpReceiver;
  readonly url: string;
  /** Stops the server, which sends what it has. */
  readonly stop: () => Promise<void>;
}

async function serve(tracing: object = {}, adapter: 'native' | 'sdk' = 'native'): Promise<Traced> {
  const collector = await OtlpReceiver.start();
  stops.push(() => collector.close());
  const settings = { endpoint: collector.url, exportIntervalMs: 20, sampleRate: 1, ...tracing };
  const server = await createServer({
    port: 0,
    adapter,
    logger: false,
    imports: [
      AuthModule.forRoot({ apiKeys: { caller: { secret: KEY } } }),
      ToolCacheModule.forRoot({}),
      MonitoringModule.forRoot({ tracing: settings }),
    ],
    providers: [Tools],
  });
  const stop = (): Promise<void> => server.stop();
  stops.push(stop);
  return { collector, url: await server.start(), stop: () => (stops.pop(), stop()) };
}

const asCaller = { authorization: `Bearer ${KEY}` };
const call = async (url: string, headers: Record<string, string>, name = 'answer'): Promise<number> => {
  const response = await postModern(url, 'tools/call', { name, arguments: {} }, { headers });
  await response.arrayBuffer();
  return response.status;
};

describe('who is refused at the door', () => {
  it('[O3] leaves a span with the reason, without the credential', async () => {
    const { collector, url } = await serve();
    expect(await call(url, { authorization: `Bearer ${WRONG}`, traceparent: PARENT })).toBe(401);
    const span = await collector.span('refused request');
    expect(span).toMatchObject({ kind: 'server', parentSpanId: '', status: { code: 'error', message: '' } });
    expect(span.attributes).toEqual({
      'rookery.outcome': 'unauthenticated',
      'rookery.reason': expect.stringMatching(/^credential refused: /) as string,
      'error.type': 'unauthenticated',
      'network.transport': 'tcp',
      'client.address': '127.0.0.1',
    });
    expect(span.events).toEqual([{ name: 'rookery.refused', attributes: { 'rookery.outcome': 'unauthenticated' } }]);
    expect(span.traceId).not.toBe(TRACE);
    expect(JSON.stringify(collector.spans)).not.toContain(WRONG.slice(-12));
  });

  it('[O3] leaves one without a credential, too, and no address where principals are not recorded', async () => {
    const { collector, url } = await serve({ recordPrincipal: false });
    const refused = await postModern(url, 'tools/list');
    await refused.arrayBuffer();
    expect(refused.status).toBe(401);
    const { attributes } = await collector.span('refused request');
    expect(attributes).toMatchObject({ 'rookery.reason': 'no credential came' });
    expect(attributes).not.toHaveProperty('client.address');
  });

  it('[O3] leaves none where the trace is not drawn', async () => {
    const { collector, url, stop } = await serve({ sampleRate: 0 });
    expect(await call(url, { authorization: `Bearer ${WRONG}`, traceparent: PARENT })).toBe(401);
    await call(url, { ...asCaller, traceparent: PARENT });
    await stop();
    expect(collector.spans.map(({ name }) => name)).toEqual(['tools/call answer']);
  });
});

describe('requests that call nothing', () => {
  it('[O3] are spans: initialize and lists, in the trace of their client', async () => {
    const { collector, url } = await serve();
    const headers = { ...asCaller, traceparent: PARENT };
    await (await post(url, INITIALIZE, headers)).arrayBuffer();
    await (await postModern(url, 'tools/list', {}, { headers })).arrayBuffer();
    await (await postModern(url, 'server/discover', {}, { headers: asCaller })).arrayBuffer();
    const parent = { kind: 'server', traceId: TRACE, parentSpanId: 'b7ad6b7169203331' };
    expect(await collector.span('initialize')).toMatchObject({
      ...parent,
      attributes: { 'mcp.method.name': 'initialize', 'mcp.protocol.version': '2025-11-25' },
    });
    expect(await collector.span('tools/list')).toMatchObject({
      ...parent,
      attributes: { 'mcp.method.name': 'tools/list', 'mcp.protocol.version': '2026-07-28' },
    });
    await collector.until(() => collector.spans.some(({ name }) => name === 'server/discover'));
    expect(await collector.span('server/discover')).toMatchObject({ parentSpanId: '' });
  });

  it('[O3] are spans behind the adapter of the SDK, too, which answers initialize itself', async () => {
    const { collector, url } = await serve({}, 'sdk');
    const traced = { ...asCaller, traceparent: PARENT };
    const begun = await post(url, INITIALIZE, traced);
    await begun.arrayBuffer();
    const session = { ...traced, 'mcp-session-id': begun.headers.get('mcp-session-id') ?? '' };
    await (await post(url, { jsonrpc: '2.0', id: 2, method: 'tools/list' }, session)).arrayBuffer();
    const params = { name: 'answer', arguments: {} };
    await (await post(url, { jsonrpc: '2.0', id: 3, method: 'tools/call', params }, session)).arrayBuffer();
    const parent = { kind: 'server', traceId: TRACE, parentSpanId: 'b7ad6b7169203331' };
    expect(await collector.span('initialize')).toMatchObject({
      ...parent,
      attributes: { 'mcp.method.name': 'initialize', 'mcp.protocol.version': '2025-11-25' },
    });
    expect(await collector.span('tools/list')).toMatchObject(parent);
    expect(await collector.span('tools/call answer')).toMatchObject(parent);
  });

  it('[O3] are recorded as their client says, or by lot', async () => {
    const { collector, url, stop } = await serve({ sampleRate: 0 });
    await (await postModern(url, 'tools/list', {}, { headers: asCaller })).arrayBuffer();
    const unsampled = { ...asCaller, traceparent: PARENT.replace(/01$/, '00') };
    await (await postModern(url, 'tools/list', {}, { headers: unsampled })).arrayBuffer();
    await (await postModern(url, 'prompts/list', {}, { headers: { ...asCaller, traceparent: PARENT } })).arrayBuffer();
    await stop();
    expect(collector.spans.map(({ name }) => name)).toEqual(['prompts/list']);
  });

  it('[O3] fail with the kind of what was wrong', async () => {
    const { collector, url } = await serve();
    const cursor = 'made-up-by-the-client';
    await (await postModern(url, 'tools/list', { cursor }, { headers: asCaller })).arrayBuffer();
    const span = await collector.span('tools/list');
    expect(span).toMatchObject({ status: { code: 'error' }, attributes: { 'error.type': 'ProtocolError' } });
    expect(JSON.stringify(span)).not.toContain(cursor);
  });
});

it('[O3] says on the span of a call whether the cache had its result', async () => {
  const { collector, url } = await serve();
  await call(url, asCaller);
  await call(url, asCaller);
  await collector.until(() => collector.spans.filter(({ name }) => name === 'tools/call answer').length === 2);
  const events = collector.spans.filter(({ name }) => name === 'tools/call answer').map((span) => span.events);
  expect(events).toEqual([
    [{ name: 'rookery.cache', attributes: { 'rookery.cache.result': 'miss' } }],
    [{ name: 'rookery.cache', attributes: { 'rookery.cache.result': 'hit' } }],
  ]);
});
