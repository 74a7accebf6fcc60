import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  HTTPRequestNode,
  LLMAgentNode,
  MonitoringModule,
  NodeTools,
  NodesModule,
  createServer,
  type StandaloneServer,
} from '../../src/index.js';
import { MetricsServer } from '../../src/monitoring/index.js';
import { startLlmServer, type LlmServer } from '../support/llm/llm-server.js';
import { ollamaWire } from '../support/llm/ollama-wire.js';
import { postModern } from './support/http-messages.js';
import { valueOf } from './support/metrics-text.js';

const MODEL = { provider: 'local', model: 'llama3.2:3b' };

let llm: LlmServer;
let server: StandaloneServer;
let page: string;

beforeAll(async () => {
  llm = await startLlmServer(ollamaWire);
  server = await createServer({
    port: 0,
    logger: false,
    imports: [
      MonitoringModule.forRoot({ metrics: { exportPort: 0 } }),
      NodesModule.forRoot({
        ai: {
          providers: { local: { type: 'ollama', baseUrl: llm.origin, retries: 0 } },
          prices: { 'local:*': { input: 1_000, output: 10_000 } },
          currency: 'EUR',
        },
      }),
    ],
  });
  await server.app.get(NodeTools).registerNodeTool(LLMAgentNode, 'ask');
  await server.app.get(NodeTools).registerNodeTool(HTTPRequestNode, 'get');
  const url = await server.start();
  const call = async (name: string, args: object): Promise<void> => {
    await (await postModern(url, 'tools/call', { name, arguments: args })).arrayBuffer();
  };
  const ask = (model: string): Promise<void> => call('ask', { prompt: 'Who are you?', model });
  llm.answer(
    { pieces: ['A', ' model.'], usage: { input: 5, output: 3 } },
    { pieces: ['The same.'], usage: { input: 7, output: 2 } },
    { fault: { kind: 'status', status: 500 } },
  );
  for (let made = 0; made < 3; made++) await ask('local:llama3.2:3b');
  await ask('local:made-up-by-a-caller');
  await call('get', { url: 'http://127.0.0.1:1/refused' });
  const at = server.app.get(MetricsServer).url ?? '';
  page = await (await fetch(at)).text();
});

afterAll(async () => {
  await server.stop();
  await llm.stop();
});

it('[O1] shows how long nodes took, failed runs included', () => {
  expect(valueOf(page, 'rookery_node_duration_seconds_count', { node: 'LLMAgentNode' })).toBe(4);
  expect(valueOf(page, 'rookery_node_duration_seconds_sum', { node: 'LLMAgentNode' })).toBeGreaterThan(0);
  expect(valueOf(page, 'rookery_node_duration_seconds_count', { node: 'HTTPRequestNode' })).toBe(1);
});

it('[O1] shows requests to language models: how they ended, and how long they took', () => {
  expect(valueOf(page, 'rookery_llm_requests_total', { ...MODEL, outcome: 'ok' })).toBe(2);
  expect(valueOf(page, 'rookery_llm_requests_total', { ...MODEL, outcome: 'tool_error' })).toBe(1);
  expect(valueOf(page, 'rookery_llm_duration_seconds_count', MODEL)).toBe(3);
  expect(valueOf(page, 'rookery_llm_duration_seconds_bucket', { ...MODEL, le: '+Inf' })).toBe(3);
});

it('[O1] shows what language models used and cost', () => {
  expect(valueOf(page, 'rookery_llm_tokens_total', { ...MODEL, direction: 'input' })).toBeGreaterThanOrEqual(12);
  expect(valueOf(page, 'rookery_llm_tokens_total', { ...MODEL, direction: 'output' })).toBe(5);
  expect(valueOf(page, 'rookery_llm_cost_total', { ...MODEL, currency: 'EUR' })).toBeGreaterThan(0.06);
});

it('[O1] has no label that a caller made up', () => {
  expect(valueOf(page, 'rookery_llm_requests_total', { provider: 'local', model: '_other' })).toBe(1);
  expect(page).not.toContain('made-up-by-a-caller');
});
