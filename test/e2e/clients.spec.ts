import { describe, expect, it } from 'vitest';
import { Connected, LEGACY_PAIRS, PAIRS } from './support/connection.js';
import { startHost } from './support/hosts.js';
import { IDENTITY, INSTRUCTIONS } from './support/fixture.module.js';
import { connectLegacy } from './support/legacy-client.js';
import { allPages, type ListName } from './support/reference-client.js';

const NAMES: Readonly<Record<ListName, readonly string[]>> = {
  tools: [
    'anything',
    'await_moment',
    'blocks',
    'break',
    'by_hand',
    'count',
    'echo',
    'hold',
    'lie',
    'log_everything',
    'long_text',
    'make_person',
    'numbers',
    'plain_object',
    'refuse',
    'release',
    'strict',
    'strict_runs',
    'was_aborted',
  ],
  resources: ['locked', 'logo', 'several', 'welcome'],
  resourceTemplates: ['city', 'file'],
  prompts: ['greet', 'review'],
};

describe.each(PAIRS)('the reference client of $revision, $host', (pair) => {
  const connected = new Connected(pair);

  it('[protocol B6, protocol F17, protocol L1] learns who the server is and what it can do', () => {
    const { server, capabilities, instructions } = connected.client;
    expect(server).toMatchObject(IDENTITY);
    expect(capabilities).toMatchObject({ tools: {}, resources: {}, prompts: {}, completions: {} });
    expect(instructions).toBe(INSTRUCTIONS);
  });

  it.each(Object.keys(NAMES) as ListName[])('[S9] [protocol F1, protocol F8] walks the pages of %s', async (list) => {
    const { entries, pages } = await allPages(connected.client, list);
    expect(entries.map(({ name }) => name)).toEqual(NAMES[list]);
    expect(pages).toHaveLength(Math.ceil(NAMES[list].length / 2));
  });

  it('[S9] finds the same order every time', async () => {
    const { client } = connected;
    expect(await allPages(client, 'tools')).toMatchObject({ entries: (await allPages(client, 'tools')).entries });
  });

  it('[S9] [protocol F8] is told that a cursor is bad', async () => {
    const { client } = connected;
    const { nextCursor } = await client.page('tools');
    for (const [list, cursor] of [
      ['tools', 'made-up'],
      ['tools', `${nextCursor}x`],
      ['tools', ''],
      ['resources', nextCursor],
    ] as const) {
      await expect(client.page(list, cursor)).rejects.toMatchObject({ code: -32602 });
    }
  });

  it('[protocol F2] sees what a tool says of itself', async () => {
    const { entries } = await allPages(connected.client, 'tools');
    expect(entries.find(({ name }) => name === 'make_person')).toMatchObject({
      description: 'Makes a person.',
      inputSchema: {
        type: 'object',
        properties: { name: { type: 'string', minLength: 1 }, age: { type: 'integer', maximum: 150, default: 30 } },
        required: ['name'],
        additionalProperties: false,
      },
      outputSchema: { type: 'object', required: ['name', 'age'] },
      annotations: { title: 'Person', readOnlyHint: true, openWorldHint: false },
    });
  });

  it('[protocol B4, protocol B5, protocol F9] gets results in the shape of its revision', async () => {
    const page = await connected.client.page('tools');
    const modern = { ttlMs: 0, cacheScope: 'private', _meta: { 'io.modelcontextprotocol/serverInfo': IDENTITY } };
    if (pair.revision === '2026-07-28') expect(page).toMatchObject(modern);
    else expect(Object.keys(page)).not.toEqual(expect.arrayContaining(['ttlMs', 'cacheScope', 'resultType', '_meta']));
  });
});

describe.each(LEGACY_PAIRS)('the reference client of $revision, $host', ({ host }) => {
  it('[protocol L5] pings', async () => {
    const server = await startHost(host);
    try {
      const connection = await connectLegacy(server.endpoint);
      expect(await connection.client.ping()).toEqual({});
      await connection.close();
    } finally {
      await server.close();
    }
  });
});
