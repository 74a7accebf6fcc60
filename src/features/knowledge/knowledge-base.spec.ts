import { Logger } from '@nestjs/common';
import { mkdir, mkdtemp, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi, type MockInstance } from 'vitest';
import { KnowledgeBase } from './knowledge-base.js';
import { knowledgeOptions, type KnowledgeOptions } from './knowledge.options.js';

let folder: string;
let base: KnowledgeBase | undefined;
let log: MockInstance;
let warn: MockInstance;
let error: MockInstance;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rookery-knowledge-'));
  log = vi.spyOn(Logger.prototype, 'log').mockImplementation(() => undefined);
  warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
  error = vi.spyOn(Logger.prototype, 'error').mockImplementation(() => undefined);
});

afterEach(async () => {
  await base?.onApplicationShutdown();
  base = undefined;
  vi.restoreAllMocks();
  await rm(folder, { recursive: true, force: true });
});

const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text);

async function start(options: Partial<KnowledgeOptions> = {}): Promise<KnowledgeBase> {
  const folders = [{ name: 'notes', path: folder }];
  base = new KnowledgeBase(knowledgeOptions.parse({ folders, watchDelayMs: 20, ...options }));
  await base.onModuleInit();
  return base;
}

const sources = async (query: string): Promise<readonly string[]> =>
  (await base!.search(query, 50)).hits.map(({ source }) => source);

const warnings = (): readonly unknown[] => warn.mock.calls.map(([message]) => message as unknown);

describe('the knowledge base', () => {
  it('builds its index at the first search', async () => {
    await write('a.md', '# Alpha\nneedle');
    await start();
    expect(await sources('needle')).toEqual(['notes/a.md']);
  });

  it('builds it unasked some time after the start', async () => {
    await write('a.md', 'needle');
    (await start()).onApplicationBootstrap();
    await vi.waitFor(() => expect(log).toHaveBeenCalledWith(expect.objectContaining({ documents: 1 })), 5_000);
  });

  it('finds what is written, changed, renamed and removed while it runs', async () => {
    await write('a.md', 'first');
    await start();
    expect(await sources('first')).toEqual(['notes/a.md']);
    await write('b.md', 'second');
    await write('a.md', 'third');
    await vi.waitFor(async () => expect(await sources('second third')).toHaveLength(2), 5_000);
    expect(await sources('first')).toEqual([]);
    await mkdir(join(folder, 'sub'));
    await rename(join(folder, 'a.md'), join(folder, 'sub', 'c.md'));
    await vi.waitFor(async () => expect(await sources('third')).toEqual(['notes/sub/c.md']), 5_000);
    await rm(join(folder, 'sub'), { recursive: true });
    await vi.waitFor(async () => expect(await sources('third')).toEqual([]), 5_000);
  });

  it('notices a mounted ConfigMap, which changes by one hidden link', async () => {
    for (const [version, text] of [
      ['..v1', 'before'],
      ['..v2', 'after'],
    ] as const) {
      await mkdir(join(folder, version));
      await write(`${version}/page.md`, text);
    }
    await symlink('..v1', join(folder, '..data'));
    await symlink('..data/page.md', join(folder, 'page.md'));
    await start();
    expect(await sources('before')).toEqual(['notes/page.md']);
    await symlink('..v2', join(folder, '..tmp'));
    await rename(join(folder, '..tmp'), join(folder, '..data'));
    await vi.waitFor(async () => expect(await sources('after')).toEqual(['notes/page.md']), 5_000);
  });

  it('leaves files alone when told not to watch', async () => {
    await write('a.md', 'first');
    await start({ watch: false });
    await sources('first');
    await write('a.md', 'second');
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(await sources('second')).toEqual([]);
  });

  it('names what it skips, once, by the key to change', async () => {
    await write('big.md', 'x'.repeat(50));
    await write('binary.txt', 'a\0b');
    await write('.hidden.md', 'needle');
    await start({ maxFileBytes: 10 });
    await sources('x');
    await write('other.md', 'needle');
    await vi.waitFor(async () => expect(await sources('needle')).toEqual(['notes/other.md']), 5_000);
    expect(warnings()).toEqual([
      { msg: 'a document is not searched: larger than knowledge.maxFileBytes', source: 'notes/big.md' },
      { msg: 'a document is not searched: it is not text', source: 'notes/binary.txt' },
    ]);
  });

  it('[S2] refuses to start without its folder, naming the key', async () => {
    await expect(start({ folders: [{ name: 'x', path: join(folder, 'gone') }] })).rejects.toThrow(
      'knowledge.folders[0].path',
    );
  });

  it('stops in the middle of indexing, and before it', async () => {
    for (let number = 0; number < 200; number++) await write(`${number}.md`, 'word '.repeat(200));
    const search = (await start()).search('word', 1);
    await base!.onApplicationShutdown();
    await expect(search).rejects.toThrow('not available');
    await start();
    base!.onApplicationBootstrap();
    await base!.onApplicationShutdown();
    expect(error).not.toHaveBeenCalled();
  });

  it('forgets a folder that disappears, and says so', async () => {
    await write('a.md', 'needle');
    await start();
    expect(await sources('needle')).toEqual(['notes/a.md']);
    await unlink(join(folder, 'a.md'));
    await rm(folder, { recursive: true });
    await vi.waitFor(async () => expect(await sources('needle')).toEqual([]), 5_000);
    // It may have been looked at between the two, when it was there and empty.
    const warning = { msg: 'a document is not searched: it cannot be read', source: 'notes' };
    await vi.waitFor(() => expect(warnings()).toContainEqual(warning), 5_000);
  });
});
