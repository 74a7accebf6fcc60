import { mkdir, mkdtemp, realpath, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { knowledgeOptions } from './knowledge.options.js';
import { scan, type Scan, type ScanBounds } from './scan.js';

let home: string;
let root: string;

beforeEach(async () => {
  home = await realpath(await mkdtemp(join(tmpdir(), 'rookery-scan-')));
  root = join(home, 'docs');
  await mkdir(root);
});

afterEach(() => rm(home, { recursive: true }));

const write = async (path: string, text = 'text'): Promise<void> => {
  await mkdir(join(root, path, '..'), { recursive: true });
  await writeFile(join(root, path), text);
};

const run = (bounds: Partial<ScanBounds> = {}): Promise<Scan> =>
  scan([{ name: 'docs', root }], { ...knowledgeOptions.parse({}), ...bounds }, new AbortController().signal);

const sources = async (bounds?: Partial<ScanBounds>): Promise<readonly string[]> =>
  (await run(bounds)).files.map(({ source }) => source);

describe('a scan', () => {
  it('lists documents in folders below, quoted by corpus and path, in a stable order', async () => {
    for (const path of ['b.md', 'a/z.txt', 'a/b/c.MD', 'B.markdown']) await write(path);
    expect(await sources()).toEqual(['docs/B.markdown', 'docs/a/b/c.MD', 'docs/a/z.txt', 'docs/b.md']);
  });

  it('tells size and time of change', async () => {
    await write('a.md', 'äöü');
    await utimes(join(root, 'a.md'), 1_000, 2_000);
    expect((await run()).files).toEqual([
      { source: 'docs/a.md', path: join(root, 'a.md'), bytes: 6, modifiedMs: 2_000_000 },
    ]);
  });

  it('passes by other endings without a word', async () => {
    await write('code.ts');
    await write('page.html');
    expect(await run()).toMatchObject({ files: [], skipped: new Map() });
    expect(await sources({ extensions: ['.html'] })).toEqual(['docs/page.html']);
  });

  it('skips what is hidden and installed packages, and counts them', async () => {
    for (const path of ['.git/a.md', '.secret.md', 'node_modules/x/readme.md']) await write(path);
    const { files, skipped } = await run();
    expect(files).toEqual([]);
    expect(Object.fromEntries(skipped)).toEqual({
      'docs/.git': 'hidden',
      'docs/.secret.md': 'hidden',
      'docs/node_modules': 'node_modules',
    });
  });

  it('follows no link out of the folder, not even to a sibling with the same beginning', async () => {
    await mkdir(join(home, 'docs2'));
    await writeFile(join(home, 'docs2', 'secret.md'), 'secret');
    await symlink(join(home, 'docs2', 'secret.md'), join(root, 'file.md'));
    await symlink(join(home, 'docs2'), join(root, 'folder'));
    await symlink('../docs2/secret.md', join(root, 'relative.md'));
    await symlink('nowhere', join(root, 'broken.md'));
    const { files, skipped } = await run();
    expect(files).toEqual([]);
    expect(Object.fromEntries(skipped)).toEqual({
      'docs/broken.md': 'unreadable',
      'docs/file.md': 'outside',
      'docs/folder': 'outside',
      'docs/relative.md': 'outside',
    });
  });

  it('follows a link to a file inside, as a mounted ConfigMap has them, and no linked folder round and round', async () => {
    await write('..2026/page.md');
    await symlink('..2026', join(root, '..data'));
    await symlink('..data/page.md', join(root, 'page.md'));
    await symlink('.', join(root, 'again'));
    const { files, skipped } = await run();
    expect(files.map(({ source, path }) => [source, path])).toEqual([['docs/page.md', join(root, '..2026/page.md')]]);
    expect(skipped.get('docs/again')).toBe('outside');
  });

  it('walks a folder inside once, though a link leads to it', async () => {
    await write('real/a.md');
    await symlink('real', join(root, 'link'));
    const { files, skipped } = await run();
    expect(files.map(({ source }) => source)).toEqual(['docs/real/a.md']);
    expect(skipped.get('docs/link')).toBe('linked_folder');
  });

  it.each([
    ['too large', { maxFileBytes: 3 }, 'too_large', 'docs/a.md'],
    ['too many', { maxFiles: 1 }, 'too_many', 'docs/b.md'],
    ['too much together', { maxTotalBytes: 5 }, 'too_much', 'docs/b.md'],
  ] as const)('leaves out what is %s', async (_what, bounds, reason, source) => {
    await write('a.md');
    await write('b.md');
    expect((await run(bounds)).skipped.get(source)).toBe(reason);
  });

  it('goes on after a folder that has gone', async () => {
    const gone = { name: 'gone', root: join(home, 'gone') };
    await write('a.md');
    const { files, skipped } = await scan(
      [gone, { name: 'docs', root }],
      knowledgeOptions.parse({}),
      new AbortController().signal,
    );
    expect(files).toHaveLength(1);
    expect(skipped.get('gone')).toBe('unreadable');
  });

  it('stops when told', async () => {
    await expect(scan([{ name: 'docs', root }], knowledgeOptions.parse({}), AbortSignal.abort())).rejects.toThrow(
      'aborted',
    );
  });
});
