import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { NestFactory } from '@nestjs/core';
import { describe, expect, it } from 'vitest';
import * as apps from '../../docs/samples/apps.examples.js';
import * as asking from '../../docs/samples/asking.examples.js';
import * as enhancers from '../../docs/samples/enhancers.examples.js';
import * as library from '../../docs/samples/library.examples.js';
import * as longCalls from '../../docs/samples/long-calls.examples.js';
import { ReviewPrompts } from '../../docs/samples/prompts.examples.js';
import { PluginTools } from '../../docs/samples/registration.examples.js';
import { DocumentResources } from '../../docs/samples/resources.examples.js';
import * as schemas from '../../docs/samples/schemas.examples.js';
import * as tools from '../../docs/samples/tools.examples.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';

// Holds tests of its own, which run with these.
await import('../../docs/samples/testing.examples.js');

const repository = join(import.meta.dirname, '../..');

it('the pages show the samples as they stand', () => {
  const run = spawnSync(process.execPath, ['scripts/doc-samples.mjs', '--check'], {
    cwd: repository,
    encoding: 'utf8',
  });
  expect(run.stderr).toBe('');
  expect(run.status).toBe(0);
});

async function withServer(options: Parameters<typeof createTestServer>[0], use: (server: TestServer) => Promise<void>) {
  const server = await createTestServer(options);
  try {
    await use(server);
  } finally {
    await server.close();
  }
}

describe('the samples of tools', () => {
  const text = (...texts: string[]) => texts.map((entry) => ({ type: 'text', text: entry }));

  it('answer as the page says', async () => {
    await withServer({ providers: [tools.OrderTools, tools.ResultTools] }, async ({ client }) => {
      expect(await client.callTool({ name: 'get_order', arguments: { id: 'A-1' } })).toMatchObject({
        structuredContent: { id: 'A-1', total: 42, shipped: false },
      });
      expect(await client.callTool({ name: 'get_order', arguments: { id: 'A-2' } })).toMatchObject({
        isError: true,
        content: text('There is no order A-2. Ask the user for the number.'),
      });
      expect((await client.callTool({ name: 'text' })).content).toEqual(text('plain text, not quoted'));
      expect((await client.callTool({ name: 'object' })).content).toEqual(text('{"answer":42}'));
      expect((await client.callTool({ name: 'picture' })).content).toMatchObject([{}, { mimeType: 'image/png' }]);
      expect((await client.callTool({ name: 'written' }))._meta).toMatchObject({ 'example.com/took': 3 });
    });
  });

  it('report progress', async () => {
    await withServer({ providers: [tools.ImportTools] }, async ({ client }) => {
      const reports: unknown[] = [];
      const onprogress = (report: unknown) => void reports.push(report);
      await client.callTool({ name: 'import_lines', arguments: { lines: 2 } }, { onprogress });
      expect(reports).toEqual([
        { progress: 1, total: 2, message: 'line 1' },
        { progress: 2, total: 2, message: 'line 2' },
      ]);
    });
  });

  it.each([
    [schemas.ZodTools, 'search_with_zod', { query: 'x' }, 'x, at most 10'],
    [schemas.ArkTypeTools, 'to_fahrenheit', { celsius: 20 }, '68.0'],
    [schemas.DtoTools, 'move_items', { item: 'lamp', to: 'north' }, '1 of lamp moved north'],
    [schemas.JsonSchemaTools, 'add_numbers', { numbers: [1.25, 2] }, '3.25'],
    [schemas.ValibotTools, 'invite', { email: 'ada@example.com' }, 'ada@example.com is invited'],
  ] as const)('%o takes its arguments and refuses others', async (provider, name, args, answer) => {
    await withServer({ providers: [provider] }, async ({ client }) => {
      expect((await client.callTool({ name, arguments: args })).content).toEqual(text(answer));
      expect(await client.callTool({ name, arguments: { ...args, more: 1 } })).toMatchObject({
        isError: true,
        _meta: { 'rookery/code': 'invalid_arguments', faults: [{ path: 'more' }] },
      });
      const { tools: listed } = await client.listTools();
      expect(listed[0]?.inputSchema).toMatchObject({ type: 'object', additionalProperties: false });
    });
  });

  it('come and go while the server runs', async () => {
    await withServer({ providers: [PluginTools] }, async ({ app, client }) => {
      expect(await client.callTool({ name: 'roll_dice', arguments: {} })).not.toHaveProperty('isError');
      expect(app.get(PluginTools).unplug()).toBe(true);
      await expect(client.callTool({ name: 'roll_dice' })).rejects.toThrow('Unknown tool: roll_dice');
    });
  });
});

it('the samples of resources and prompts are read, rendered and completed', async () => {
  await withServer({ providers: [DocumentResources, ReviewPrompts] }, async ({ client }) => {
    const read = async (uri: string) => (await client.readResource({ uri })).contents[0];
    expect(await read('docs://index')).toMatchObject({ text: '["terms","privacy"]' });
    expect(await read('docs://document/terms')).toMatchObject({ text: 'Be kind.' });
    expect(await read('docs://logo')).toHaveProperty('blob');
    await expect(read('docs://document/none')).rejects.toMatchObject({ code: -32602 });
    const { messages } = await client.getPrompt({ name: 'review', arguments: { language: 'rust' } });
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant']);
    const suggested = async (ref: Parameters<typeof client.complete>[0]['ref'], name: string, value: string) =>
      (await client.complete({ ref, argument: { name, value } })).completion.values;
    expect(await suggested({ type: 'ref/prompt', name: 'review' }, 'language', 'r')).toEqual(['rust']);
    expect(await suggested({ type: 'ref/resource', uri: 'docs://document/{name}' }, 'name', 't')).toEqual(['terms']);
  });
});

it('the samples of enhancers guard, trim, answer and count', async () => {
  const { StockTools, AuditedTools, CallLog, RefusalCounter, ShopModule } = enhancers;
  const providers = [StockTools, AuditedTools, CallLog];
  await withServer({ providers }, async ({ client }) => {
    const reserve = async (item: string) => (await client.callTool({ name: 'reserve', arguments: { item } })).content;
    expect(await reserve(' lamp ')).toEqual([{ type: 'text', text: 'lamp is reserved' }]);
    expect(await reserve('unicorn')).toEqual([
      { type: 'text', text: 'unicorn is out of stock; offer something else.' },
    ]);
    await client.callTool({ name: 'count_steps' });
    expect((await client.callTool({ name: 'count_steps' })).content).toEqual([{ type: 'text', text: '2' }]);
  });
  const guarded = { providers: [StockTools, RefusalCounter], server: { guards: [enhancers.ReadOnlyGuard] } };
  await withServer(guarded, async ({ client, server }) => {
    const refused = await client.callTool({ name: 'reserve', arguments: { item: 'lamp' } });
    expect(refused._meta).toMatchObject({ 'rookery/code': 'forbidden' });
    expect(server.getMetrics()).toContainEqual(expect.objectContaining({ name: 'shop_refusals_total', value: 1 }));
  });
  const app = await NestFactory.create(ShopModule, { logger: false });
  await app.init();
  await app.close();
});

describe.each(['2026-07-28', '2025-11-25'] as const)('the samples that ask, in %s', (era) => {
  it('get their answers, and run effects once', async () => {
    await withServer(
      { providers: [asking.CancelTools, asking.TicketTools, asking.AssistedTools], era },
      async (server) => {
        const capabilities = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} };
        const mode = era === '2026-07-28' ? { pin: era } : ('legacy' as const);
        const client = new Client({ name: 'user', version: '0.0.0' }, { capabilities, versionNegotiation: { mode } });
        client.setRequestHandler('elicitation/create', ({ params }) =>
          'url' in params ? { action: 'accept' } : { action: 'accept', content: { reason: 'twice', urgency: 'high' } },
        );
        client.setRequestHandler('sampling/createMessage', () => ({
          role: 'assistant' as const,
          model: 'test',
          content: { type: 'text' as const, text: 'Short.' },
        }));
        client.setRequestHandler('roots/list', () => ({ roots: [{ uri: 'file:///work' }] }));
        await client.connect(server.newTransport());
        const text = async (name: string, args = {}) => (await client.callTool({ name, arguments: args })).content;
        expect(await text('cancel_order', { id: 'A-1' })).toMatchObject([{ text: 'A-1 is cancelled: twice' }]);
        const [first, second] = [await text('open_ticket'), await text('open_ticket')];
        const number = (content: unknown) => Number(/\d+/.exec(JSON.stringify(content))?.[0]);
        expect(number(second) - number(first)).toBe(1);
        expect(await text('connect_account')).toMatchObject([{ text: 'The page was opened.' }]);
        expect(await text('summarise', { text: 'long' })).toMatchObject([{ text: 'Short.' }]);
        expect(await text('folders')).toMatchObject([{ text: '["file:///work"]' }]);
        await client.close();
      },
    );
  });
});

it('the samples of long calls, apps and changes are served', async () => {
  const providers = [longCalls.ReportTools, longCalls.ExportTools, apps.ClockApp, apps.Headlines];
  await withServer({ providers }, async ({ app, client }) => {
    const text = async (name: string, args: object) =>
      (await client.callTool({ name, arguments: { ...args } })).content;
    expect(await text('build_report', { parts: 2 })).toMatchObject([{ text: 'The report has 2 parts.' }]);
    expect(await text('export_rows', { rows: 20_000 })).toMatchObject([{ text: '20000 rows exported.' }]);
    const { contents } = await client.readResource({ uri: 'ui://clock' });
    expect(contents[0]?.mimeType).toBe('text/html;profile=mcp-app');
    app.get(apps.Headlines).publish('It works.');
    expect((await client.readResource({ uri: 'news://latest' })).contents).toMatchObject([{ text: 'It works.' }]);
  });
});

describe('the samples of applications', () => {
  const greet = async (url: string): Promise<unknown> => {
    const client = new Client({ name: 'samples', version: '0.0.0' }, { versionNegotiation: { mode: 'auto' } });
    await client.connect(new StreamableHTTPClientTransport(new URL(url)));
    const [tool] = (await client.listTools()).tools;
    await client.close();
    return tool?.name;
  };

  it.each([library.RoutedModule, library.ConfiguredModule])('%o serves on Express', async (module) => {
    const app = await NestFactory.create(module, { logger: false });
    await app.listen(0, '127.0.0.1');
    expect(await greet(`${await app.getUrl()}/mcp`)).toBe('greet');
    await app.close();
  });

  it('a controller uses the server', async () => {
    await withServer({ controllers: [library.StatusController], transport: 'http' }, async ({ url }) => {
      expect(await (await fetch(new URL('/health/ready', url))).json()).toEqual({ status: 'ok' });
      expect((await fetch(new URL('/tools', url))).status).toBe(200);
    });
  });
});
