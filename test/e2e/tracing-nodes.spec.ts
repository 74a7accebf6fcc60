import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { HTTPRequestNode, LLMAgentNode, MonitoringModule, NodeTools, NodesModule } from '../../src/index.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';
import { startLlmServer, type LlmServer } from '../support/llm/llm-server.js';
import { ollamaWire } from '../support/llm/ollama-wire.js';
import { OtlpReceiver } from '../support/otlp/index.js';

let api: Server;
let llm: LlmServer;
let collector: OtlpReceiver;
let running: TestServer;
let seen: IncomingHttpHeaders = {};
let origin = '';

beforeAll(async () => {
  api = createServer((request, response) => {
    seen = request.headers;
    response.end('fine');
  }).listen(0, '127.0.0.1');
  await once(api, 'listening');
  origin = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  llm = await startLlmServer(ollamaWire);
  collector = await OtlpReceiver.start(0);
  running = await createTestServer({
    imports: [
      MonitoringModule.forRoot({ tracing: { endpoint: collector.url, sampleRate: 1, exportIntervalMs: 20 } }),
      NodesModule.forRoot({
        api: { allow: [origin], privateRanges: ['127.0.0.1'] },
        ai: { providers: { ollama: { type: 'ollama', baseUrl: llm.origin } } },
      }),
    ],
  });
  await running.app.get(NodeTools).registerNodeTool(HTTPRequestNode, 'get');
  await running.app.get(NodeTools).registerNodeTool(LLMAgentNode, 'ask');
});

afterAll(async () => {
  await running.close();
  await collector.close();
  await llm.stop();
  api.close();
});

it('[O3] a trace goes on from a tool through its node into a request out', async () => {
  await running.client.callTool({ name: 'get', arguments: { url: `${origin}/secret-path?key=value` } });
  const call = await collector.span('tools/call get');
  const node = await collector.span('node HTTPRequestNode');
  const request = await collector.span('GET');
  expect([node.parentSpanId, request.parentSpanId]).toEqual([call.spanId, node.spanId]);
  expect(new Set([call, node, request].map(({ traceId }) => traceId)).size).toBe(1);
  expect(seen['traceparent']).toBe(`00-${call.traceId}-${request.spanId}-01`);
  expect(request.attributes).toMatchObject({ 'http.request.method': 'GET', 'server.address': '127.0.0.1' });
  expect(JSON.stringify([call, node, request])).not.toContain('secret-path');
});

it('[O3] a request to a model is a span with its usage, without prompt and answer', async () => {
  await running.client.callTool({ name: 'ask', arguments: { prompt: 'private-prompt', model: 'ollama:llama3.2:3b' } });
  const asked = await collector.span('llm ollama');
  expect(asked.parentSpanId).toBe((await collector.span('node LLMAgentNode')).spanId);
  expect(asked.attributes).toMatchObject({
    'gen_ai.provider.name': 'ollama',
    'gen_ai.request.model': 'llama3.2:3b',
    'gen_ai.usage.input_tokens': expect.any(Number) as number,
  });
  expect(JSON.stringify(asked)).not.toMatch(/private-prompt|Hello/);
});
