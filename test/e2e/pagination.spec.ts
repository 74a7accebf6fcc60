import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '@modelcontextprotocol/client';
import type { Principal } from '../../src/index.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';

interface Page {
  readonly names: readonly string[];
  readonly nextCursor: string | undefined;
}

async function page(
  client: Client,
  cursor?: string,
  method: 'tools/list' | 'prompts/list' = 'tools/list',
): Promise<Page> {
  const params = cursor === undefined ? {} : { cursor };
  const { nextCursor, ...lists } = await client.request({ method, params });
  const [entries] = [lists.tools ?? lists.prompts] as [readonly { readonly name: string }[]];
  return { names: entries.map(({ name }) => name), nextCursor };
}

/** Every page in order; `between` happens before each next one. */
async function walk(
  client: Client,
  between: (round: number) => Promise<void> = async () => {},
): Promise<readonly string[][]> {
  const pages: string[][] = [];
  let cursor: string | undefined;
  do {
    const { names, nextCursor } = await page(client, cursor);
    pages.push([...names]);
    cursor = nextCursor;
    await between(pages.length);
  } while (cursor !== undefined);
  return pages;
}

const principalOf = (id: string): Principal => ({ id, roles: [], permissions: [], attributes: {} });
const TEN = Array.from({ length: 10 }, (_, index) => `tool_${index}`);

describe.each(['2026-07-28', '2025-11-25'] as const)('a list of ten with three on a page, in revision %s', (era) => {
  let running: TestServer;
  const add = (name: string): Promise<void> => running.server.registerTool({ name, description: name }, () => name);

  beforeAll(async () => {
    running = await createTestServer({ server: { pageSize: 3 }, era, principal: principalOf('ann') });
    for (const name of TEN.toReversed()) await add(name);
    for (const name of ['a', 'b', 'c', 'd']) {
      await running.server.registerPrompt({ name, description: name }, () => name);
    }
  });
  afterAll(() => running.close());

  it('[S9] has four pages, in the order of names, and no cursor after the last', async () => {
    const pages = await walk(running.client);
    expect(pages.map(({ length }) => length)).toEqual([3, 3, 3, 1]);
    expect(pages.flat()).toEqual(TEN);
  });

  it('[S9] says nothing readable in its cursors', async () => {
    const { nextCursor } = await page(running.client);
    expect(nextCursor).not.toContain('tool');
  });

  it('[S9] goes on in the same place whatever is added or removed meanwhile', async () => {
    const pages = await walk(running.client, async (round) => {
      if (round === 1) {
        running.server.removeTool('tool_2');
        running.server.removeTool('tool_4');
        await add('tool_00');
        await add('tool_55');
      }
      if (round === 3) await add('tool_99');
    });
    const seen = pages.flat();
    expect(seen).toHaveLength(new Set(seen).size);
    const stayed = TEN.filter((name) => name !== 'tool_4');
    expect(seen).toEqual([...stayed, 'tool_55', 'tool_99'].toSorted((a, b) => (a < b ? -1 : 1)));
    for (const name of ['tool_00', 'tool_55', 'tool_99']) running.server.removeTool(name);
    for (const name of ['tool_2', 'tool_4']) await add(name);
  });

  it('[S9] goes on behind a last entry that is gone', async () => {
    const { nextCursor } = await page(running.client);
    for (const name of TEN.slice(2)) running.server.removeTool(name);
    expect(await page(running.client, nextCursor)).toEqual({ names: [], nextCursor: undefined });
    for (const name of TEN.slice(2)) await add(name);
  });

  it.each<[string, (cursor: string) => string]>([
    ['made up', () => 'dG9vbF8y'],
    ['empty', () => ''],
    ['with its place altered', (cursor) => cursor.replace(/^[^.]+/, Buffer.from('tool_7').toString('base64url'))],
    ['with its signature altered', (cursor) => cursor.replace(/\.(.)/, (_all, first) => (first === 'A' ? '.B' : '.A'))],
    ['without its signature', (cursor) => cursor.replace(/\..*/, '.')],
    ['far too long', (cursor) => cursor.padEnd(100_000, 'A')],
  ])('[S9] refuses a cursor that is %s', async (_what, forge) => {
    const { nextCursor = '' } = await page(running.client);
    await expect(page(running.client, forge(nextCursor))).rejects.toMatchObject({ code: -32602 });
    expect((await page(running.client, nextCursor)).names).toEqual(['tool_3', 'tool_4', 'tool_5']);
  });

  it('[S9] refuses the cursor of another list', async () => {
    const { nextCursor } = await page(running.client, undefined, 'prompts/list');
    await expect(page(running.client, nextCursor)).rejects.toMatchObject({ code: -32602 });
  });

  it('[S9] refuses the cursor of another principal, and of nobody', async () => {
    const { nextCursor } = await page(running.client);
    for (const principal of [principalOf('bob'), undefined]) {
      const other = new Client(
        { name: 'other', version: '0' },
        { versionNegotiation: era === '2025-11-25' ? { mode: 'legacy' } : { mode: { pin: era } } },
      );
      await other.connect(running.newTransport(principal));
      await expect(page(other, nextCursor)).rejects.toMatchObject({ code: -32602 });
      await other.close();
    }
  });

  it('[S9] refuses the cursor of another server', async () => {
    const { nextCursor } = await page(running.client);
    const other = await createTestServer({ server: { pageSize: 3 }, era, principal: principalOf('ann') });
    for (const name of TEN) await other.server.registerTool({ name, description: name }, () => name);
    await expect(page(other.client, nextCursor)).rejects.toMatchObject({ code: -32602 });
    await other.close();
  });
});
