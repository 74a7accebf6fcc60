import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readDocument } from './read-document.js';

let folder: string;
const at = (name: string): string => join(folder, name);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rookery-read-'));
});

afterEach(() => rm(folder, { recursive: true }));

describe('reading a document', () => {
  it('gives its text, without a byte order mark', async () => {
    await writeFile(at('a.md'), '\uFEFFgrüezi');
    expect(await readDocument(at('a.md'), 100)).toEqual({ text: 'grüezi' });
  });

  it('takes exactly the bytes allowed, and one more is too large', async () => {
    await writeFile(at('a.md'), 'x'.repeat(70_000));
    expect(await readDocument(at('a.md'), 70_000)).toEqual({ text: 'x'.repeat(70_000) });
    expect(await readDocument(at('a.md'), 69_999)).toEqual({ skip: 'too_large' });
  });

  it('knows binary data by its NUL, and shows other bytes that are no UTF-8 as such', async () => {
    await writeFile(at('a.md'), Buffer.from([65, 0, 66]));
    await writeFile(at('b.md'), Buffer.from([65, 0xff, 66]));
    expect(await readDocument(at('a.md'), 100)).toEqual({ skip: 'not_text' });
    expect(await readDocument(at('b.md'), 100)).toEqual({ text: 'A\uFFFDB' });
  });

  it('follows no link that took the place of a file, reads no folder, and waits for no pipe', async () => {
    await writeFile(at('secret'), 'secret');
    await symlink('secret', at('link.md'));
    await mkdir(at('folder.md'));
    execFileSync('mkfifo', [at('pipe.md')]);
    for (const name of ['link.md', 'folder.md', 'pipe.md', 'gone.md']) {
      expect(await readDocument(at(name), 100)).toEqual({ skip: 'unreadable' });
    }
  });
});
