import { execFileSync } from 'node:child_process';
import {
  link,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ForbiddenError, ToolError } from '../errors.js';
import { FileRoots, type FileRootOptions, type FileUse } from './file-roots.js';

/** Made once, here: fast-check makes a table of all code points for it, which takes seconds on a busy machine. */
const anyText = fc.string({ unit: 'binary', maxLength: 8 });

let base: string;
/** `data` is the root, `data2` its sibling, `secret.txt` what nobody may reach. */
let data: string;

beforeEach(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'rookery-roots-')));
  data = join(base, 'data');
  await mkdir(join(data, 'sub', 'deep'), { recursive: true });
  await mkdir(join(base, 'data2'));
  await writeFile(join(base, 'secret.txt'), 'secret');
  await writeFile(join(base, 'data2', 'secret.txt'), 'secret');
  await writeFile(join(data, 'a.txt'), 'inside a');
  await writeFile(join(data, 'sub', 'b.txt'), 'inside b');
});

afterEach(() => rm(base, { recursive: true }));

const ways = [
  ['by descriptor', true],
  ['by path', false],
] as const;

const open = (byDescriptor: boolean, options: Partial<FileRootOptions> = {}): Promise<FileRoots> =>
  FileRoots.open({ data: { path: data, write: true, delete: true, ...options } }, { byDescriptor });

/** Works with what was opened, and closes it. */
async function using<H extends { close(): Promise<void> }, T>(
  opening: Promise<H>,
  work: (held: H) => T,
): Promise<Awaited<T>> {
  const held = await opening;
  try {
    return await work(held);
  } finally {
    await held.close();
  }
}

const text = (roots: FileRoots, path: string): Promise<string | undefined> =>
  using(roots.resolve(path, { for: 'read' }), async (file) => (await file.read(1_000))?.toString());

const put = (roots: FileRoots, path: string, content: string): Promise<void> =>
  using(roots.resolve(path, { for: 'write' }), (place) => place.write(Buffer.from(content)));

const remove = (roots: FileRoots, path: string): Promise<void> =>
  using(roots.resolve(path, { for: 'delete' }), (place) => place.delete());

async function list(roots: FileRoots, path: string, offset = 0, limit = 100): Promise<readonly string[]> {
  const { entries } = await using(roots.resolve(path, { for: 'list' }), (folder) => folder.list(offset, limit));
  return entries.map(({ name, type }) => `${type} ${name}`);
}

/** Resolves for a use and closes at once. */
async function touch(roots: FileRoots, path: string, use: FileUse): Promise<void> {
  if (use === 'read') await (await roots.resolve(path, { for: use })).close();
  else if (use === 'list') await (await roots.resolve(path, { for: use })).close();
  else await (await roots.resolve(path, { for: use })).close();
}

const openDescriptors = async (): Promise<number> => (await readdir('/proc/self/fd')).length;

describe.each(ways)('roots, %s', (_way, byDescriptor) => {
  let roots: FileRoots;
  beforeEach(async () => (roots = await open(byDescriptor)));

  it('serve what is in them, by name and by absolute path', async () => {
    expect(await text(roots, 'data/a.txt')).toBe('inside a');
    expect(await text(roots, './data//sub/b.txt')).toBe('inside b');
    expect(await text(roots, join(data, 'sub/b.txt'))).toBe('inside b');
    expect(await list(roots, 'data')).toEqual(['file a.txt', 'folder sub']);
    expect(await list(roots, data)).toEqual(['file a.txt', 'folder sub']);
    expect(await list(roots, 'data/sub/')).toEqual(['file b.txt', 'folder deep']);
  });

  it.each<[string, string, FileUse, RegExp]>([
    ['..', 'data/../secret.txt', 'read', /holds "\.\."/],
    ['an absolute path outside', '/etc/passwd', 'read', /absolute and lies outside; the roots are: data/],
    ['another root', 'other/a.txt', 'read', /must begin with the name of a root; the roots are: data/],
    ['the working directory', './', 'list', /must begin with the name of a root/],
    ['what is not there', 'data/none.txt', 'read', /no such file/],
    ['a folder that is not there', 'data/none/a.txt', 'write', /no such folder/],
    ['a file as a folder', 'data/a.txt/b', 'read', /should be a folder is none/],
    ['a folder as a file', 'data/sub', 'read', /is a folder/],
    ['the root as a file', 'data', 'read', /is a folder/],
    ['the list of a file', 'data/a.txt', 'list', /is no folder/],
    ['writing to a folder', 'data/sub', 'write', /no regular file/],
    ['deleting a folder', 'data/sub', 'delete', /no regular file/],
    ['deleting the root', 'data', 'delete', /no regular file/],
    ['deleting what is not there', 'data/none.txt', 'delete', /no such file/],
  ])('[N2] refuse %s', async (_what, path, use, message) => {
    await expect(touch(roots, path, use)).rejects.toThrow(ToolError);
    await expect(touch(roots, path, use)).rejects.toThrow(message);
  });

  it('[N2] refuse a sibling whose name begins like a root', async () => {
    await expect(text(roots, join(base, 'data2/secret.txt'))).rejects.toThrow(/lies outside/);
  });

  it.each<[string, string, string]>([
    ['a link to a file outside', '../secret.txt', 'data/way'],
    ['a link to a sibling', '../data2', 'data/way/secret.txt'],
    ['a link up', '..', 'data/way/secret.txt'],
    ['a link to the top', '/', 'data/way/etc/passwd'],
    ['a link through a link', 'sub/../../secret.txt', 'data/way'],
  ])('[N2] refuse %s', async (_what, points, path) => {
    await symlink(points, join(data, 'way'));
    await expect(text(roots, path)).rejects.toThrow(/leads out of its root/);
    await expect(touch(roots, `${path}/x`, 'list')).rejects.toThrow(/leads out of its root/);
    await expect(put(roots, `${path}/x`, 'no')).rejects.toThrow(/leads out of its root/);
  });

  it('[N2] refuse absolute links outside, and a climb behind a link into the root', async () => {
    await symlink(join(base, 'data2'), join(data, 'out'));
    await symlink(join(data, '../secret.txt'), join(data, 'climb'));
    await symlink(`${data}/../data2/secret.txt`, join(data, 'over'));
    for (const path of ['data/out/secret.txt', 'data/climb', 'data/over']) {
      await expect(text(roots, path)).rejects.toThrow(/leads out of its root/);
    }
  });

  it('follow links that stay inside', async () => {
    await symlink('sub', join(data, 'near'));
    await symlink(join(data, 'sub'), join(data, 'far'));
    await symlink('../a.txt', join(data, 'sub', 'up'));
    expect(await text(roots, 'data/near/b.txt')).toBe('inside b');
    expect(await text(roots, 'data/far/b.txt')).toBe('inside b');
    expect(await text(roots, 'data/near/up')).toBe('inside a');
    expect(await list(roots, 'data/near')).toContain('file b.txt');
  });

  it('[N2] neither write to links nor delete them', async () => {
    await symlink('a.txt', join(data, 'near'));
    await expect(put(roots, 'data/near', 'no')).rejects.toThrow(/is a link/);
    await expect(remove(roots, 'data/near')).rejects.toThrow(/is a link/);
    expect(await readFile(join(data, 'a.txt'), 'utf8')).toBe('inside a');
  });

  it('[N2] end in a circle of links', async () => {
    await symlink('two', join(data, 'one'));
    await symlink('one', join(data, 'two'));
    await expect(text(roots, 'data/one')).rejects.toThrow(/too many links/);
  });

  it('[N2] open no pipe, socket or device, without waiting for it', async () => {
    execFileSync('mkfifo', [join(data, 'pipe')]);
    const server = createServer().listen(join(data, 'socket'));
    await expect.poll(() => readdir(data)).toContain('socket');
    await symlink('/dev/zero', join(data, 'zero'));
    await expect(text(roots, 'data/pipe')).rejects.toThrow(/no regular file/);
    await expect(text(roots, 'data/socket')).rejects.toThrow(/no regular file/);
    await expect(text(roots, 'data/zero')).rejects.toThrow(/leads out of its root/);
    await expect(put(roots, 'data/pipe', 'no')).rejects.toThrow(/no regular file/);
    server.close();
    const devices = await FileRoots.open({ dev: { path: '/dev' } }, { byDescriptor });
    await expect(text(devices, 'dev/zero')).rejects.toThrow(/no regular file/);
  });

  it('read no more than they are told to', async () => {
    const file = await roots.resolve('data/a.txt', { for: 'read' });
    expect(file.size).toBe(8);
    await writeFile(join(data, 'a.txt'), 'x'.repeat(600_000), { flag: 'a' });
    expect(await file.read(8)).toBeUndefined();
    await file.close();
    expect(await text(roots, 'data/a.txt')).toBeUndefined();
  });

  it('write a file whole or not at all, readable for its owner only', async () => {
    await put(roots, 'data/sub/new.txt', 'new');
    await put(roots, 'data/a.txt', 'other');
    expect(await readFile(join(data, 'sub/new.txt'), 'utf8')).toBe('new');
    expect(await readFile(join(data, 'a.txt'), 'utf8')).toBe('other');
    expect((await stat(join(data, 'a.txt'))).mode & 0o777).toBe(0o600);
    expect(await readdir(data)).toEqual(['a.txt', 'sub']);
  });

  it('leave nothing behind when writing fails', async () => {
    const place = await roots.resolve('data/sub/new.txt', { for: 'write' });
    await mkdir(join(data, 'sub/new.txt'));
    await expect(place.write(Buffer.from('new'))).rejects.toThrow(/no regular file/);
    await place.close();
    expect((await readdir(join(data, 'sub'))).toSorted()).toEqual(['b.txt', 'deep', 'new.txt']);
  });

  it('[N2] do not change what a hard link shares with the outside', async () => {
    await link(join(base, 'secret.txt'), join(data, 'hard.txt'));
    await put(roots, 'data/hard.txt', 'mine');
    expect(await readFile(join(base, 'secret.txt'), 'utf8')).toBe('secret');
  });

  it('delete files', async () => {
    await remove(roots, 'data/sub/b.txt');
    expect(await readdir(join(data, 'sub'))).toEqual(['deep']);
  });

  it('list page by page, in order, without what is hidden', async () => {
    for (const name of ['c', 'B', 'ä', '.hidden']) await writeFile(join(data, 'sub/deep', name), name);
    await symlink('c', join(data, 'sub/deep/l'));
    expect(await list(roots, 'data/sub/deep')).toEqual(['file B', 'file c', 'link l', 'file ä']);
    expect(await list(roots, 'data/sub/deep', 1, 2)).toEqual(['file c', 'link l']);
    expect(await list(roots, 'data/sub/deep', 9, 2)).toEqual([]);
  });

  it('refuse what the root does not allow', async () => {
    const strict = await open(byDescriptor, { write: false, delete: false });
    await expect(put(strict, 'data/a.txt', 'no')).rejects.toThrow(ForbiddenError);
    await expect(remove(strict, 'data/a.txt')).rejects.toThrow(/files of the root "data" can not be deleted/);
    expect(await text(strict, 'data/a.txt')).toBe('inside a');
  });

  it('close everything they open, refusals included', async () => {
    await symlink('../secret.txt', join(data, 'sub/out'));
    const before = await openDescriptors();
    const paths = ['data/sub/b.txt', 'data/sub/out', 'data/none/x', 'data/sub/deep', 'data/a.txt/x', 'data'];
    for (const path of paths) {
      for (const use of ['read', 'list', 'write', 'delete'] as const) {
        await touch(roots, path, use).catch((thrown: unknown) => expect(thrown).toBeInstanceOf(ToolError));
      }
    }
    expect(await openDescriptors()).toBe(before);
  });

  it('[N2] never lead outside, whatever the path', { timeout: 60_000 }, async () => {
    await symlink('../data2', join(data, 'out'));
    await symlink('..', join(data, 'sub/up'));
    await symlink('/', join(data, 'sub/deep/top'));
    const piece = fc.oneof(
      {
        weight: 8,
        arbitrary: fc.constantFrom(
          'data',
          'sub',
          'deep',
          'up',
          'out',
          'top',
          'a.txt',
          'b.txt',
          '..',
          '.',
          'secret.txt',
          'data2',
          '',
          base.slice(1),
        ),
      },
      { weight: 1, arbitrary: anyText },
    );
    const path = fc.tuple(fc.constantFrom('', '/', 'data/', `${data}/`), fc.array(piece, { maxLength: 8 }));
    const staysInside = fc.asyncProperty(path, async ([start, pieces]) => {
      const content = await text(roots, start + pieces.join('/')).catch((thrown: unknown) => {
        if (!(thrown instanceof ToolError)) throw thrown;
      });
      return content === undefined || content.startsWith('inside');
    });
    await expect(fc.assert(staysInside, { numRuns: 500 })).resolves.toBeUndefined();
  });
});

describe('roots, by descriptor', () => {
  it('[N2] stay inside while somebody swaps a folder for a link, again and again', { timeout: 60_000 }, async () => {
    const roots = await open(true);
    await writeFile(join(data, 'sub', 'secret.txt'), 'inside');
    const found = new Set<string | undefined>();
    const ends = { over: false, looks: 0 };
    const swap = async (): Promise<void> => {
      for (let swaps = 1; !ends.over; swaps++) {
        await rename(join(data, 'sub'), join(data, 'kept'));
        await symlink('../data2', join(data, 'sub'));
        await rm(join(data, 'sub'));
        await rename(join(data, 'kept'), join(data, 'sub'));
        // Otherwise the folder is there for so short a time that looks may come at other times only: of two that end, one
        // has begun since.
        const enough = swaps % 10 === 0 ? ends.looks + 2 : 0;
        while (!ends.over && ends.looks < enough) await nextTurn();
      }
    };
    const look = async (): Promise<void> => {
      for (let i = 0; i < 3_000; i++) {
        const content = text(roots, 'data/sub/secret.txt');
        found.add(await content.catch((thrown: unknown) => (thrown instanceof ToolError ? 'refused' : String(thrown))));
        ends.looks++;
      }
      ends.over = true;
    };
    await Promise.all([swap(), look()]);
    expect(found).toEqual(new Set(['inside', 'refused']));
  });
});

describe('the start', () => {
  it('names every root that can not be one', async () => {
    const opening = FileRoots.open({
      gone: { path: join(base, 'gone') },
      file: { path: join(base, 'secret.txt') },
      all: { path: '/' },
      outer: { path: data },
      inner: { path: join(data, 'sub'), write: true },
    });
    await expect(opening).rejects.toThrow(
      new Error(
        [
          'The roots of files are wrong:',
          `- gone: there is no folder ${base}/gone`,
          `- file: there is no folder ${base}/secret.txt`,
          '- all: all of the disk can not be a root',
          '- inner: it lies in the root outer, whose rules would apply too',
        ].join('\n'),
      ),
    );
  });

  it('takes a link to a folder as a root, and knows its files by both paths', async () => {
    await symlink('data', join(base, 'linked'));
    const roots = await FileRoots.open({ linked: { path: join(base, 'linked') } });
    expect(roots.names).toEqual(['linked']);
    expect(await text(roots, 'linked/a.txt')).toBe('inside a');
    expect(await text(roots, join(base, 'linked/a.txt'))).toBe('inside a');
    expect(await text(roots, join(data, 'a.txt'))).toBe('inside a');
  });

  it('does well without any root', async () => {
    const roots = await FileRoots.open({});
    await expect(text(roots, 'data/a.txt')).rejects.toThrow(/there are no roots yet/);
  });
});
