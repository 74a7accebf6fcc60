import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestServer, type TestServer } from '../../testing/index.js';
import { KnowledgeModule } from './knowledge.module.js';
import type { SearchOutput } from './knowledge.schema.js';

let folder: string;
let test: TestServer | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rookery-knowledge-'));
  await writeFile(
    join(folder, 'cache.md'),
    '# Caching\nKept for a while.\n## Redis\nA shared cache for several servers.\n',
  );
  await writeFile(join(folder, 'limits.md'), '# Limits\nCalls a minute, and what a burst is.\n');
});

afterEach(async () => {
  await test?.close();
  test = undefined;
  await rm(folder, { recursive: true });
});

async function serve(enabled = true): Promise<TestServer> {
  const knowledge = KnowledgeModule.forRoot({ enabled, folders: [{ name: 'docs', path: folder }], watch: false });
  return (test = await createTestServer({ imports: [knowledge] }));
}

async function search(args: Readonly<Record<string, unknown>>): Promise<SearchOutput> {
  const { client } = test ?? (await serve());
  const { isError, structuredContent, content } = await client.callTool({
    name: 'search_knowledge_base',
    arguments: args,
  });
  if (isError === true) throw new Error(JSON.stringify(content));
  return structuredContent as SearchOutput;
}

describe('search_knowledge_base', () => {
  it('[G1] answers with the fields of the guide, quoting where it matched', async () => {
    const result = await search({ query: 'redis' });
    expect(result).toEqual({
      query: 'redis',
      results: [
        {
          title: 'Caching › Redis',
          content: 'A shared cache for several servers.',
          relevance_score: 1,
          source: 'docs/cache.md',
          timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
        },
      ],
      total_found: 1,
      search_time_ms: expect.any(Number) as number,
    });
  });

  it('[S5] lists its output schema and never a path of the host', async () => {
    const { client } = await serve();
    const { tools } = await client.listTools();
    expect(tools[0]).toMatchObject({ name: 'search_knowledge_base', outputSchema: { type: 'object' } });
    expect(JSON.stringify(await search({ query: 'cache calls' }))).not.toContain(folder);
  });

  it('returns as many as asked for, and says how many there are', async () => {
    expect(await search({ query: 'cache limits', max_results: 1 })).toMatchObject({ results: [{}], total_found: 3 });
  });

  it('answers a query without hits with an empty list', async () => {
    expect(await search({ query: 'xylophone' })).toMatchObject({ results: [], total_found: 0 });
  });

  it.each([
    ['an empty query', { query: '' }],
    ['a query too long', { query: 'x'.repeat(1_001) }],
    ['no results', { query: 'x', max_results: 0 }],
    ['too many results', { query: 'x', max_results: 51 }],
    ['half a result', { query: 'x', max_results: 1.5 }],
    ['an unknown argument', { query: 'x', limit: 3 }],
  ])('[S4] refuses %s', async (_what, args) => {
    await expect(search(args)).rejects.toThrow('Invalid arguments');
  });

  it('is not there when the module is disabled', async () => {
    const { server } = await serve(false);
    expect(server.tools).toEqual([]);
  });
});

describe('KnowledgeModule', () => {
  it('[S2] refuses wrong options with their keys', async () => {
    const wrong = KnowledgeModule.forRoot({ folders: [{ name: '../x', path: '' }], maxFiles: 0 });
    await expect(createTestServer({ imports: [wrong] })).rejects.toThrow(
      /knowledge\.folders\.0\.name.*\n.*folders\.0\.path.*\n.*knowledge\.maxFiles/,
    );
  });
});
