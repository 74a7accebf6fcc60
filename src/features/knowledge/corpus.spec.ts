import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findCorpora } from './corpus.js';

let folder: string;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'rookery-corpus-')));
});

afterEach(() => rm(folder, { recursive: true }));

describe('the folders', () => {
  it('are found from the working directory too', async () => {
    const found = await findCorpora([{ name: 'here', path: relative(process.cwd(), folder) }]);
    expect(found).toEqual([{ name: 'here', root: folder }]);
  });

  it('are the documentation of the package when none is named', async () => {
    expect(await findCorpora([])).toEqual([{ name: 'docs', root: resolve(import.meta.dirname, '../../../docs') }]);
  });

  it('[S2] that are not there are all named with their keys, and what to do', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    const wrong = findCorpora([
      { name: 'gone', path: '/does/not/exist' },
      { name: 'there', path: folder },
      { name: 'file', path: file },
    ]);
    await expect(wrong).rejects.toThrow('knowledge.folders[0].path: "/does/not/exist" does not exist');
    await expect(wrong).rejects.toThrow(`knowledge.folders[2].path: "${file}" is not a folder`);
    await expect(wrong).rejects.toThrow('Create the folder or correct the path');
  });
});
