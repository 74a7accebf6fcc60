import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NodeToolsModule } from '../../src/features/node-tools/index.js';
import { PermissionsModule } from '../../src/permissions/index.js';
import { ResilienceModule } from '../../src/resilience/index.js';
import { NodesModule, ToolCacheModule } from '../../src/index.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';
import { ollamaWire } from '../support/llm/ollama-wire.js';
import { startLlmServer, type LlmServer } from '../support/llm/llm-server.js';

describe('the node tools of the guide', () => {
  let folder = '';
  let llm: LlmServer;
  let running: TestServer;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rookery-guide-nodes-'));
    await writeFile(join(folder, 'sales.csv'), 'region,amount\nnorth,10\n\nsouth,2.5\n');
    llm = await startLlmServer(ollamaWire);
    running = await createTestServer({
      imports: [
        ToolCacheModule.forRoot({}),
        ResilienceModule.forRoot({ limits: { eventLoopDelayMs: 5_000 } }),
        NodesModule.forRoot({
          roots: { data: { path: folder } },
          ai: { providers: { ollama: { type: 'ollama', baseUrl: llm.origin } } },
        }),
        NodeToolsModule.forRoot({ set: 'guide' }),
      ],
    });
  });

  afterAll(async () => {
    await running.close();
    await llm.stop();
    await rm(folder, { recursive: true });
  });

  const call = async (name: string, args: Record<string, unknown>) => {
    const { content, isError, structuredContent } = await running.client.callTool({ name, arguments: args });
    const text = content.map((block) => (block.type === 'text' ? block.text : block.type)).join();
    return { text, isError: isError === true, value: structuredContent as Record<string, unknown> };
  };

  it('[N1] read_csv_file reads a file of a root, with types and without empty rows', async () => {
    const { value } = await call('read_csv_file', { file_path: 'data/sales.csv' });
    expect(value).toMatchObject({
      data: [
        { region: 'north', amount: 10 },
        { region: 'south', amount: 2.5 },
      ],
      rows: 2,
      empty_rows: 1,
    });
    expect((await call('read_csv_file', { file_path: 'data/../../etc/passwd' })).isError).toBe(true);
  });

  it('[N4] execute_python_code finds its data as variables and as context', async () => {
    const code = `
        total = sum(numbers)
        result = {'total': total, 'same': context['numbers'] == numbers}
    `;
    const { value, text } = await call('execute_python_code', { code, context_data: { numbers: [1, 2, 3] } });
    expect(value, text).toMatchObject({ result: { total: 6, same: true } });
    expect(value['runner']).toMatch(/^(?:bwrap-python|pyodide)$/);
    const wrong = await call('execute_python_code', { code: 'x = 1\nraise ValueError("no")' });
    expect(wrong).toMatchObject({ isError: true });
    expect(wrong.text).toContain('ValueError: no (line 2');
  });

  it('[N5] ai_assistant asks the model, and answers the same question from the cache', async () => {
    const question = { prompt: 'Hello?', task_type: 'coding', max_tokens: 50 };
    const first = await call('ai_assistant', question);
    expect(first.isError).toBe(false);
    expect(first.value).toMatchObject({ provider: 'ollama', rounds: 1 });
    const asked = llm.received.length;
    expect((await call('ai_assistant', question)).value).toEqual(first.value);
    expect(llm.received).toHaveLength(asked);
    expect(JSON.stringify(llm.received.at(-1)?.body)).toContain('specialized in coding tasks');
  });

  it('[N5] says what to configure when no provider is', async () => {
    const { text, isError } = await call('ai_assistant', { prompt: 'Hello?', model: 'openai:gpt' });
    expect(isError).toBe(true);
    expect(text).toContain('nodes.ai.providers');
  });
});

describe('the production set', () => {
  const analyst = { id: 'ann', roles: ['analyst'], permissions: [], attributes: {} };
  const scientist = { id: 'sue', roles: ['data_scientist'], permissions: [], attributes: {} };
  let folder = '';
  let llm: LlmServer;
  let running: TestServer;
  let colleague: TestServer['client'];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rookery-production-nodes-'));
    const rows = Array.from(
      { length: 1_000 },
      (_, day) => `2026-${day % 12},${day % 2 ? 'north' : 'south'},${day / 4}`,
    );
    await writeFile(join(folder, 'sales.csv'), `month,region,amount\n${rows.join('\n')}\n`);
    llm = await startLlmServer(ollamaWire);
    running = await createTestServer({
      principal: analyst,
      imports: [
        ToolCacheModule.forRoot({}),
        ResilienceModule.forRoot({ limits: { eventLoopDelayMs: 5_000 } }),
        PermissionsModule.forRoot({
          roles: { analyst: ['read', 'write'], data_scientist: ['read', 'write', 'execute'], admin: [] },
          authRequired: true,
        }),
        NodesModule.forRoot({
          roots: { data: { path: folder } },
          ai: { providers: { ollama: { type: 'ollama', baseUrl: llm.origin } } },
        }),
        NodeToolsModule.forRoot({ set: 'production' }),
      ],
    });
    const { Client } = await import('@modelcontextprotocol/client');
    colleague = new Client({ name: 'sue', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
    await colleague.connect(running.newTransport(scientist));
  });

  afterAll(async () => {
    await colleague.close();
    await running.close();
    await llm.stop();
    await rm(folder, { recursive: true });
  });

  const call = async (client: TestServer['client'], name: string, args: Record<string, unknown>) => {
    const { content, isError, structuredContent } = await client.callTool({ name, arguments: args });
    return { text: JSON.stringify(content), isError: isError === true, value: structuredContent ?? {} };
  };

  it('is for those with permissions and roles', async () => {
    const names = async (client: TestServer['client']): Promise<readonly string[]> =>
      (await client.listTools()).tools.map(({ name }) => name);
    expect(await names(running.client)).toEqual(['ai_assistant', 'read_csv']);
    expect(await names(colleague)).toEqual(['ai_assistant', 'execute_python', 'read_csv']);
  });

  it('[N1] read_csv reads rows, and says where it was cut', async () => {
    const { value } = await call(running.client, 'read_csv', { file_path: 'data/sales.csv', max_rows: 3 });
    expect(value).toMatchObject({
      data: [
        { month: '2026-0', region: 'south', amount: 0 },
        { month: '2026-1', region: 'north', amount: 0.25 },
        { month: '2026-2', region: 'south', amount: 0.5 },
      ],
      rows: 3,
      truncated: true,
    });
  });

  it('[N4] execute_python computes with what read_csv gave', async () => {
    const { value: sales } = await call(colleague, 'read_csv', { file_path: 'data/sales.csv' });
    const code = `
totals = {}
for row in context['rows']:
    totals[row['region']] = totals.get(row['region'], 0) + row['amount']
result = totals
`;
    const context = { rows: (sales as { data: unknown }).data };
    const { value, text } = await call(colleague, 'execute_python', { code, context });
    expect(value, text).toMatchObject({ result: { north: 62_500, south: 62_375 } });
    await expect(call(running.client, 'execute_python', { code, context })).rejects.toThrow('Unknown tool');
  });

  it('[N5] ai_assistant asks the model once for what is asked again, for each caller', async () => {
    const question = { prompt: 'Which region sells more?', model: 'ollama:llama3.2:3b' };
    const first = await call(running.client, 'ai_assistant', question);
    expect(first.isError, first.text).toBe(false);
    expect(first.value).toMatchObject({ provider: 'ollama', response: expect.any(String) as string });
    const asked = llm.received.length;
    expect((await call(running.client, 'ai_assistant', question)).value).toEqual(first.value);
    expect(llm.received).toHaveLength(asked);
    await call(colleague, 'ai_assistant', question);
    expect(llm.received).toHaveLength(asked + 1);
  });
});
