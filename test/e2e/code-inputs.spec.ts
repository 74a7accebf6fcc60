import { Injectable } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  JavaScriptCodeNode,
  McpNodeTool,
  NodesModule,
  PythonCodeNode,
  type NodeConfiguration,
} from '../../src/index.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';
import { pythonWithPandas } from '../support/python/index.js';
import { optionsForTests } from './support/code-runners.js';

const record = z.record(z.string(), z.unknown());
const inputSchema = z.strictObject({ code: z.string(), context: record.default({}), inputs: record.default({}) });

/** Hands to code what the caller calls inputs, as a step of a workflow hands what came before it. */
@Injectable()
class InputTools {
  @McpNodeTool({ node: PythonCodeNode, toolName: 'python', description: 'Run Python', inputSchema })
  python({ code, context, inputs }: z.output<typeof inputSchema>): NodeConfiguration {
    return { node_config: { code, context }, inputs };
  }

  @McpNodeTool({ node: JavaScriptCodeNode, toolName: 'javascript', description: 'Run JavaScript', inputSchema })
  javascript({ code, context, inputs }: z.output<typeof inputSchema>): NodeConfiguration {
    return { node_config: { code, context }, inputs };
  }
}

const PYTHON = {
  tool: 'python',
  both: `result = [rows[1]['n'] * factor, sorted(context)]`,
  own: 'result = context',
};
const JAVASCRIPT = {
  tool: 'javascript',
  both: 'var result = [rows[1].n * factor, Object.keys(context)]',
  own: 'var result = context',
};

describe.each([
  ['bwrap-python', PYTHON],
  ['pyodide', PYTHON],
  ['quickjs', JAVASCRIPT],
] as const)('inputs of code in %s', (runner, { tool, both, own }) => {
  let running: TestServer;

  beforeAll(async () => {
    await pythonWithPandas();
    const { cacheDirectory } = optionsForTests();
    const runners = runner === 'quickjs' ? [] : [runner];
    const code = { cacheDirectory, python: { runners, poolSize: 0, preload: [] }, javascript: { poolSize: 0 } };
    running = await createTestServer({ imports: [NodesModule.forRoot({ code })], providers: [InputTools] });
  }, 300_000);
  afterAll(() => running.close());

  async function run(args: Readonly<Record<string, unknown>>): Promise<{ text: string; value: unknown }> {
    const { content, structuredContent } = await running.client.callTool({ name: tool, arguments: args });
    return { text: JSON.stringify(content), value: structuredContent };
  }

  it('[N4] are variables beside those of `context`, which holds its own', async () => {
    const { value, text } = await run({ code: both, context: { factor: 3 }, inputs: { rows: [{ n: 1 }, { n: 2 }] } });
    expect(value, text).toMatchObject({ result: [6, ['factor']], runner });
  });

  it('[N4] may be called context themselves', async () => {
    const { value, text } = await run({ code: own, context: { factor: 3 }, inputs: { context: 'mine' } });
    expect(value, text).toMatchObject({ result: 'mine' });
  });

  it('[N4] are refused when `context` names them too', async () => {
    const { text } = await run({ code: both, context: { rows: [], factor: 3 }, inputs: { rows: [{ n: 1 }] } });
    expect(text).toContain('is in `context` too; give it one value.');
    expect(text).toContain('rows');
  });

  it('[N4] are refused when the language has no variable of that name', async () => {
    const { text } = await run({ code: own, inputs: { 'step-1': 1 } });
    expect(text).toContain(`can't be the name of a variable of ${tool} code`);
  });
});
