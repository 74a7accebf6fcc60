import { Injectable } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { CallObservers, McpTool, createServer, type RookeryServer } from '../../src/index.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';

@Injectable()
class Decorated {
  @McpTool({ description: 'Stands in the code.' })
  decorated(): string {
    return 'decorated';
  }
}

const described = { description: 'Comes and goes.' };

describe.each(['memory', 'http'] as const)('while serving over %s', (transport) => {
  let running: TestServer;
  let server: RookeryServer;

  beforeAll(async () => {
    running = await createTestServer({ providers: [Decorated], transport });
    ({ server } = running);
  });
  afterAll(() => running.close());

  const names = async (): Promise<readonly string[]> =>
    (await running.client.listTools(undefined, { cacheMode: 'bypass' })).tools.map(({ name }) => name);

  async function answerOf(name: string, args: object = {}): Promise<string> {
    const { content } = await running.client.callTool({ name, arguments: { ...args } });
    return content.map((block) => (block.type === 'text' ? block.text : block.type)).join();
  }

  it('[S8] a tool is registered, replaced and removed', async () => {
    expect(await names()).toEqual(['decorated']);
    await server.registerTool(
      { ...described, name: 'add', inputSchema: z.object({ a: z.number() }) },
      ({ a }) => a + 1,
    );
    expect(await names()).toEqual(['add', 'decorated']);
    expect(await answerOf('add', { a: 1 })).toBe('2');

    await server.replaceTool({ ...described, name: 'add', inputSchema: z.object({ b: z.number() }) }, ({ b }) => b + 2);
    expect(await answerOf('add', { b: 1 })).toBe('3');
    expect(await answerOf('add', { a: 1 })).toContain('a: is not known here; known: b');

    expect(server.removeTool('add')).toBe(true);
    expect(server.removeTool('add')).toBe(false);
    expect(await names()).toEqual(['decorated']);
    await expect(answerOf('add', { b: 1 })).rejects.toMatchObject({ code: -32602 });
  });

  it('[S8] a decorated tool is replaced and removed like any other', async () => {
    await server.replaceTool({ ...described, name: 'decorated' }, () => 'replaced');
    expect(await answerOf('decorated')).toBe('replaced');
    expect(server.removeTool('decorated')).toBe(true);
    expect(await names()).toEqual([]);
    await server.registerTool({ ...described, name: 'decorated' }, () => 'again');
    expect(await answerOf('decorated')).toBe('again');
  });

  it('[S8] a call under way ends with the tool it began with', async () => {
    let release: (value: string) => void = () => undefined;
    const released = new Promise<string>((resolve) => (release = resolve));
    let begin: () => void = () => undefined;
    const begun = new Promise<void>((resolve) => (begin = resolve));
    await server.registerTool({ ...described, name: 'slow' }, () => {
      begin();
      return released;
    });
    const answer = answerOf('slow');
    await begun;
    await server.replaceTool({ ...described, name: 'slow' }, () => 'new');
    server.removeTool('slow');
    release('old');
    expect(await answer).toBe('old');
  });

  it('[S8] a resource and a template are registered and removed', async () => {
    await server.registerResource({ ...described, name: 'fixed', uri: 'memo://1' }, () => 'fixed');
    await server.registerResource({ ...described, name: 'any', uriTemplate: 'memo://{id}' }, ({ id }) => `memo ${id}`);
    const read = async (uri: string): Promise<unknown> => (await running.client.readResource({ uri })).contents[0];
    expect([await read('memo://1'), await read('memo://2')]).toMatchObject([{ text: 'fixed' }, { text: 'memo 2' }]);
    expect(server.removeResource('fixed')).toBe(true);
    expect(await read('memo://1')).toMatchObject({ text: 'memo 1' });
    expect([server.removeResource('any'), server.removeResource('any')]).toEqual([true, false]);
    await expect(read('memo://1')).rejects.toMatchObject({ code: -32602 });
  });

  it('[S8] a prompt is registered and removed', async () => {
    const argsSchema = z.object({ who: z.string() });
    await server.registerPrompt({ ...described, name: 'greet', argsSchema }, ({ who }) => `Hello ${who}`);
    const get = (): Promise<unknown> => running.client.getPrompt({ name: 'greet', arguments: { who: 'Ann' } });
    expect(await get()).toMatchObject({ messages: [{ content: { text: 'Hello Ann' } }] });
    expect([server.removePrompt('greet'), server.removePrompt('greet')]).toEqual([true, false]);
    await expect(get()).rejects.toMatchObject({ code: -32602 });
  });

  it('[S8] observers hear of the calls of a tool that came later', async () => {
    const ended: string[] = [];
    running.app.get(CallObservers).add({ end: ({ name }, { code }) => void ended.push(`${name} ${code}`) });
    await server.registerTool({ ...described, name: 'late' }, () => 'late');
    await answerOf('late');
    server.removeTool('late');
    await expect(answerOf('late')).rejects.toThrow('late');
    expect(ended).toEqual(['late ok', 'late unknown']);
  });

  it.each<[string, (rookery: RookeryServer) => Promise<void>, RegExp]>([
    [
      'a name that is taken',
      (rookery) => rookery.registerTool({ ...described, name: 'taken' }, () => 1),
      /RookeryServer\.taken and RookeryServer\.taken/,
    ],
    [
      'nothing to replace',
      (rookery) => rookery.replaceTool({ ...described, name: 'none' }, () => 1),
      /no tool "none" to replace/,
    ],
    [
      'an unknown option',
      (rookery) => rookery.registerTool({ ...described, name: 'x', role: 1 } as never, () => 1),
      /x: unknown option "role"/,
    ],
    [
      'a schema JSON cannot say',
      (rookery) =>
        rookery.replaceTool({ ...described, name: 'taken', inputSchema: z.object({ on: z.date() }) }, () => 1),
      /zod cannot/,
    ],
    [
      'arguments with a bad name',
      (rookery) => rookery.registerTool({ ...described, name: 'a b' }, () => 1),
      /the name "a b"/,
    ],
  ])('[S8] %s is refused, and what was there stays', async (_what, register, message) => {
    await server.registerTool({ ...described, name: 'taken' }, () => 'still here');
    const before = await names();
    await expect(register(server)).rejects.toThrow(message);
    expect(await names()).toEqual(before);
    expect(await answerOf('taken')).toBe('still here');
    server.removeTool('taken');
  });

  it('[S8] of two registrations of one name at once exactly one wins', async () => {
    const attempts = ['one', 'two'].map((value) => server.registerTool({ ...described, name: 'race' }, () => value));
    const settled = await Promise.allSettled(attempts);
    expect(settled.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(['one', 'two']).toContain(await answerOf('race'));
    server.removeTool('race');
  });
});

describe('createServer()', () => {
  it('[S8] makes a server whose tools are all registered by hand', async () => {
    const { server, start, stop } = await createServer({ name: 'calculator', port: 0, logger: false });
    await server.registerTool({ ...described, name: 'before' }, () => 'before');
    const url = await start();
    await server.registerTool({ ...described, name: 'after' }, () => 'after');
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/);
    expect(server.tools.map(({ name }) => name)).toEqual(['after', 'before']);
    expect([server.name, server.uptime > 0, server.startTime <= new Date()]).toEqual(['calculator', true, true]);
    await stop();
  });
});
