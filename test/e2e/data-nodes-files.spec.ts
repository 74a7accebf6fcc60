import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDataServer, type DataServer } from './support/data-server.js';

/** Every node that takes the path of a file or folder, and what it needs besides. */
const NODES: readonly (readonly [string, (path: string) => Record<string, unknown>])[] = [
  ['CSVReaderNode', (path) => ({ file_path: path })],
  ['JSONReaderNode', (path) => ({ file_path: path })],
  ['TextReaderNode', (path) => ({ file_path: path })],
  ['ParquetReaderNode', (path) => ({ file_path: path })],
  ['DirectoryReaderNode', (path) => ({ directory_path: path })],
  ['StatisticsNode', (path) => ({ file_path: path })],
  ['CorrelationNode', (path) => ({ file_path: path })],
  ['AggregateNode', (path) => ({ file_path: path, aggregations: [{ function: 'count' }] })],
  ['SQLDatabaseNode', (path) => ({ connection: 'duckdb', query: 'SELECT * FROM t', tables: { t: path } })],
  ['CSVWriterNode', (path) => ({ file_path: path, data: [{ a: 1 }], overwrite: true })],
  ['JSONWriterNode', (path) => ({ file_path: path, data: [1], overwrite: true })],
  ['TextWriterNode', (path) => ({ file_path: path, text: 'x', overwrite: true })],
];

const PATHS: readonly (readonly [string, string])[] = [
  ['..', 'data/../data2/secret.csv'],
  ['an absolute path outside', '/etc/passwd'],
  ['a link to a file outside', 'data/out.csv'],
  ['a link to a folder outside', 'data/outer/secret.csv'],
  ['a sibling with the same prefix', 'data2/secret.csv'],
  ['a NUL byte', 'data/a.csv\0.txt'],
  ['a device', 'data/null.csv'],
  ['a pipe', 'data/pipe.csv'],
  ['a hidden file', 'data/.hidden.csv'],
];

describe('[N2] files of nodes', () => {
  let server: DataServer;

  beforeAll(async () => {
    server = await startDataServer();
    const outside = join(server.folder, '..', 'data2');
    await writeFile(join(outside, 'secret.csv'), 'secret\n1\n');
    await symlink(join(outside, 'secret.csv'), join(server.folder, 'out.csv'));
    await symlink(outside, join(server.folder, 'outer'));
    await symlink('/dev/null', join(server.folder, 'null.csv'));
    await writeFile(join(server.folder, '.hidden.csv'), 'secret\n1\n');
    await mkdir(join(server.folder, 'sub'));
    execFileSync('mkfifo', [join(server.folder, 'pipe.csv')]);
  });
  afterAll(() => server.close());

  const cases = NODES.flatMap(([node, parameters]) =>
    PATHS.map(([what, path]) => ({ node, what, given: parameters(path) })),
  );
  it.each(cases)('$node refuses $what', async ({ node, given }) => {
    const refusal = await server.run(node, given).then(
      () => undefined,
      (error: unknown) => error as Error & { code: string },
    );
    expect(refusal?.code).toBe('tool_error');
    expect(refusal?.message).not.toContain(server.folder);
  });

  it('refuses to write where the file is there already, unless told to, but not its own repetition', async () => {
    const write = (text: string, overwrite = false) =>
      server.run('TextWriterNode', { file_path: 'data/w.txt', text, overwrite });
    expect(await write('one')).toMatchObject({ bytes: 3, replaced: false });
    expect(await write('one')).toMatchObject({ replaced: false });
    await expect(write('two')).rejects.toThrow('is there already');
    expect(await write('two', true)).toMatchObject({ replaced: true });
    expect(await server.run('TextReaderNode', { file_path: 'data/w.txt' })).toMatchObject({ text: 'two', lines: 1 });
  });

  it('lists by pattern, in bounds', async () => {
    await writeFile(join(server.folder, 'sub', 'x.json'), '[1]');
    const all = await server.run('DirectoryReaderNode', {
      directory_path: 'data',
      recursive: true,
      pattern: '**/*.json',
    });
    expect(all).toMatchObject({
      count: 1,
      truncated: false,
      entries: [{ file_path: 'data/sub/x.json', type: 'file', bytes: 3 }],
    });
    expect(
      await server.run('DirectoryReaderNode', { directory_path: 'data', max_entries: 1, include_folders: true }),
    ).toMatchObject({
      count: 1,
      truncated: true,
    });
  });
});
