import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixtureServer } from '../conformance/run-set.js';
import { install } from '../perf/install.js';
import { withServer } from '../perf/server-process.js';
import { inspect, inspectorFolder, type Inspection } from './inspector.js';

/** The command line of the MCP Inspector against the fixture server: runs what was built to `dist-test`. */
describe('the MCP Inspector', { timeout: 120_000 }, () => {
  const home = mkdtempSync(join(tmpdir(), 'rookery-inspector-'));
  beforeAll(() => install(inspectorFolder), 300_000);
  afterAll(() => rmSync(home, { recursive: true }));

  describe.each(['http', 'stdio'] as const)('over %s', (transport) => {
    describe.each(['legacy', 'modern'] as const)('as a client of the %s era', (era) => {
      it('lists, calls, reads and gets, and finds nothing wrong with the schemas of the tools', async () => {
        await withTarget(transport, async (target) => {
          const run = (...parameters: string[]): Promise<Inspection> =>
            inspect(home, [...target, '--protocol-era', era, '--method', ...parameters]);

          expect(await run('tools/list', '--strict')).toMatchObject({
            code: 0,
            printed: [{ result: { tools: expect.arrayContaining([expect.objectContaining({ name: 'greet' })]) } }],
          });
          expect(await run('tools/call', '--tool-name', 'greet', '--tool-arg', 'name=Ada')).toMatchObject({
            code: 0,
            printed: [{ result: { content: [{ type: 'text', text: 'Hello, Ada!' }] } }],
          });
          expect(await run('resources/read', '--uri', 'test://static-text')).toMatchObject({
            code: 0,
            printed: [{ result: { contents: [{ uri: 'test://static-text', mimeType: 'text/plain' }] } }],
          });
          const prompt = ['--prompt-name', 'test_prompt_with_arguments', '--prompt-args', 'arg1=a', 'arg2=b'];
          expect(await run('prompts/get', ...prompt)).toMatchObject({
            code: 0,
            printed: [{ result: { messages: [{ content: { text: "Prompt with arguments: arg1='a', arg2='b'" } }] } }],
          });
        });
      });

      it('is told what a tool refuses', async () => {
        await withTarget(transport, async (target) => {
          const call = ['--method', 'tools/call', '--tool-name', 'greet', '--tool-args-json', '{"name":1}'];
          const { code, printed } = await inspect(home, [...target, '--protocol-era', era, ...call]);
          expect(code).not.toBe(0);
          expect(printed).toMatchObject([{ result: { isError: true } }]);
        });
      });
    });

    it('verifies every file of every skill', async () => {
      await withTarget(transport, async (target) => {
        const list = ['--protocol-era', 'modern', '--method', 'skills/list', '--verify', '--require-digests'];
        const { code, printed } = await inspect(home, [...target, ...list]);
        expect({ code, printed }).toMatchObject({ code: 0, printed: [{ ok: true }, { ok: true }] });
      });
    });
  });
});

/** Lends what the Inspector's command line calls the server: its URL, or the command that starts it. */
function withTarget(transport: 'http' | 'stdio', use: (target: readonly string[]) => Promise<void>): Promise<void> {
  if (transport === 'http') return withServer(fixtureServer(), ({ url }) => use([url]));
  return use([process.execPath, 'dist-test/test/interop/stdio-server.js']);
}
