import { afterAll, beforeAll, expect, it } from 'vitest';
import { JavaScriptCodeNode, NodeTools, NodesModule } from '../../src/index.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';

let running: TestServer;

beforeAll(async () => {
  running = await createTestServer({ imports: [NodesModule.forRoot({ code: { keepPrintedBytes: 1_024 } })] });
  await running.app.get(NodeTools).registerNodeTool(JavaScriptCodeNode, 'run_javascript');
});
afterAll(() => running.close());

async function run(args: Record<string, unknown>) {
  const { content, isError, structuredContent } = await running.client.callTool({
    name: 'run_javascript',
    arguments: args,
  });
  const text = content.map((block) => (block.type === 'text' ? block.text : block.type)).join();
  return { text, isError: isError === true, value: structuredContent as Record<string, unknown> };
}

it('[N4] runs JavaScript with its context as variables, and says where it ran', async () => {
  const code = `
    console.log('summing')
    var result = { sum: numbers.reduce((a, b) => a + b), same: context.numbers.length === numbers.length }
  `;
  const { value } = await run({ code, context: { numbers: [1, 2, 3] } });
  expect(value).toMatchObject({ result: { sum: 6, same: true }, stdout: 'summing\n', runner: 'quickjs' });
  expect(value['isolation']).toContain('files');
});

it('[N4] says of what was cut how much there was, and nothing where all is there', async () => {
  const { value } = await run({ code: "for (var i = 0; i < 500; i++) console.log('123456789')\nvar result = i" });
  expect(value).toMatchObject({ result: 500, truncated: { stdout: 5_000 } });
  expect(value['stdout']).toHaveLength(1_024);
  expect((await run({ code: "console.log('all')" })).value).not.toHaveProperty('truncated');
});

it('[N4] tells type, message and line of what it throws', async () => {
  const { text, isError } = await run({ code: "var a = 1\nthrow new TypeError('no')" });
  expect(isError).toBe(true);
  expect(text).toContain('TypeError: no (line 2');
});

it('[N3] ends it at its timeout, and holds its timeout to the configured one', async () => {
  const endless = await run({ code: 'for (;;);', timeout: 0.2 });
  expect(endless).toMatchObject({ isError: true });
  expect(endless.text).toContain('200 ms');
  expect((await run({ code: 'var result = 1', timeout: 3_000 })).text).toContain('at most 120000 ms');
});
