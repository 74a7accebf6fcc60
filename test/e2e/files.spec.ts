import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AuditModule } from '../../src/audit/index.js';
import { AuthModule } from '../../src/auth/index.js';
import { FilesModule } from '../../src/features/files/index.js';
import type { FileInput, FileOutput } from '../../src/features/files/files.schema.js';
import type { Principal } from '../../src/index.js';
import { PermissionsModule } from '../../src/permissions/index.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';

let base: string;
let data: string;
let running: TestServer | undefined;

beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'rookery-files-'));
  data = join(base, 'data');
  await mkdir(join(data, 'reports'), { recursive: true });
  await mkdir(join(base, 'fixed'));
  await writeFile(join(base, 'secret.txt'), 'secret');
  await writeFile(join(base, 'fixed', 'terms.txt'), 'fixed');
  await writeFile(join(data, 'notes.txt'), 'Grüße');
  await writeFile(join(data, 'reports', 'bytes.bin'), Buffer.from([0xff, 0xfe, 0x00]));
});

afterEach(async () => {
  await running?.close();
  running = undefined;
  await rm(base, { recursive: true });
});

const ROLES = {
  admin: ['read', 'write', 'execute', 'manage', 'file_access'],
  viewer: ['read', 'file_access'],
  outsider: ['read', 'write'],
};

async function serve(role: string, attributes: Principal['attributes'] = {}, audit = true): Promise<TestServer> {
  const roots = {
    data: { path: data, write: true, delete: true },
    fixed: { path: join(base, 'fixed') },
  };
  return (running = await createTestServer({
    principal: { id: 'ann', roles: [role], permissions: [], attributes },
    imports: [
      AuthModule.forRoot({}),
      PermissionsModule.forRoot({ roles: ROLES }),
      AuditModule.forRoot({
        mode: 'strict',
        sinks: audit ? [{ type: 'file', path: join(base, 'audit', 'trail.jsonl') }] : [],
      }),
      FilesModule.forRoot({ roots, maxFileSize: 1_000, maxEntries: 2 }),
    ],
  }));
}

interface Answer {
  readonly result: FileOutput;
  readonly error: string | undefined;
  readonly code: unknown;
}

async function call({ client }: TestServer, args: Partial<FileInput>): Promise<Answer> {
  const answer = await client.callTool({ name: 'secure_file_operation', arguments: args });
  const [block] = answer.content as readonly { readonly text?: string }[];
  return {
    result: answer.structuredContent as FileOutput,
    error: answer.isError === true ? block?.text : undefined,
    code: answer._meta?.['rookery/code'],
  };
}

/** The records of file accesses, as the trail has them. */
async function accesses(): Promise<readonly unknown[]> {
  const files = (await readdir(join(base, 'audit'))).toSorted();
  const texts = await Promise.all(files.map((file) => readFile(join(base, 'audit', file), 'utf8')));
  const records = texts.flatMap((text) => text.split('\n').filter(Boolean));
  const parsed = records.map((line) => JSON.parse(line) as Record<string, unknown>);
  return parsed.flatMap(({ event, path, operation, success, bytes, principal }) =>
    event === 'file_access' ? [{ path, operation, success, bytes, who: (principal as { id: string }).id }] : [],
  );
}

describe('secure_file_operation', () => {
  it('[G1] reads, writes, lists and deletes files, and the next call sees it', async () => {
    const server = await serve('admin');
    const read = { operation: 'read', file_path: 'data/notes.txt' } as const;
    const written = await call(server, { operation: 'write', file_path: 'data/reports/new.txt', content: 'ü' });
    expect(written.result).toEqual({ operation: 'write', file_path: 'data/reports/new.txt', size: 2, created: true });
    expect((await call(server, { ...read, file_path: 'data/reports/new.txt' })).result).toEqual({
      operation: 'read',
      file_path: 'data/reports/new.txt',
      content: 'ü',
      encoding: 'utf-8',
      size: 2,
      modified: expect.stringMatching(/^\d{4}-/) as string,
    });
    const deleted = await call(server, { operation: 'delete', file_path: join(data, 'reports/new.txt') });
    expect(deleted.result).toEqual({ operation: 'delete', file_path: 'data/reports/new.txt', deleted: true });
    expect((await call(server, { ...read, file_path: 'data/reports/new.txt' })).error).toBe(
      'There is no such file or folder.',
    );
    expect((await call(server, read)).result).toMatchObject({ content: 'Grüße', size: 7 });
  });

  it('lists the roots, and folders page by page', async () => {
    const server = await serve('viewer');
    await writeFile(join(data, 'a.txt'), 'a');
    const named = async (file_path: string, offset: number): Promise<object> => {
      const { result } = await call(server, { operation: 'list', file_path, offset });
      if (result.operation !== 'list') throw new Error('expected a list');
      return {
        entries: result.entries.map(({ name, type }) => `${type} ${name}`),
        total: result.total,
        next: result.next_offset,
      };
    };
    expect(await named('.', 0)).toEqual({ entries: ['root data', 'root fixed'], total: 2, next: undefined });
    expect(await named('data', 0)).toEqual({ entries: ['file a.txt', 'file notes.txt'], total: 3, next: 2 });
    expect(await named('data', 2)).toEqual({ entries: ['folder reports'], total: 3, next: undefined });
  });

  it('carries bytes as base64, and says when a file is no text', async () => {
    const server = await serve('admin');
    const file = { file_path: 'data/reports/bytes.bin', operation: 'read' } as const;
    expect((await call(server, file)).error).toBe('This file is no UTF-8 text; read it with the encoding base64.');
    expect((await call(server, { ...file, encoding: 'base64' })).result).toMatchObject({ content: '//4A', size: 3 });
    await call(server, { ...file, operation: 'write', content: 'AQI=', encoding: 'base64' });
    expect(await readFile(join(data, 'reports/bytes.bin'))).toEqual(Buffer.from([1, 2]));
    const wrong = await call(server, { ...file, operation: 'write', content: 'no base64!', encoding: 'base64' });
    expect(wrong.error).toMatch(/is no base64/);
  });

  it.each<[string, Partial<FileInput>, RegExp]>([
    [
      'a path that climbs',
      { operation: 'read', file_path: 'data/../secret.txt' },
      /^Invalid file path: it holds "\.\."/,
    ],
    ['an absolute path outside', { operation: 'read', file_path: '/etc/passwd' }, /^Invalid file path: it is absolute/],
    ['a link that leads out', { operation: 'read', file_path: 'data/out' }, /leads out of its root/],
    ['writing without content', { operation: 'write', file_path: 'data/a' }, /content: is needed to write/],
    [
      'content where none belongs',
      { operation: 'read', file_path: 'data/a', content: '' },
      /content: must not be there/,
    ],
  ])('[N2] refuses %s', async (_what, args, message) => {
    await symlink('../secret.txt', join(data, 'out'));
    const { error, result } = await call(await serve('admin'), args);
    expect(error).toMatch(message);
    expect(result).toBeUndefined();
  });

  it('[A7] needs the permission write to write and delete, and a root that allows it', async () => {
    const viewer = await serve('viewer');
    const write = { operation: 'write', file_path: 'data/a.txt', content: 'no' } as const;
    const refused = await call(viewer, write);
    expect(refused.code).toBe('forbidden');
    expect(refused.error).toBe('Insufficient file permissions: this operation takes the permission "write".');
    expect((await call(viewer, { operation: 'delete', file_path: 'data/notes.txt' })).code).toBe('forbidden');
    await viewer.close();
    const admin = await serve('admin');
    expect((await call(admin, { ...write, file_path: 'fixed/a.txt' })).error).toMatch(
      /of the root "fixed" can not be written/,
    );
    expect((await call(admin, { operation: 'delete', file_path: 'fixed/terms.txt' })).code).toBe('forbidden');
    expect((await readdir(data)).toSorted()).toEqual(['notes.txt', 'reports']);
    expect(await readdir(join(base, 'fixed'))).toEqual(['terms.txt']);
  });

  it('[A6] is not there for who has no file_access', async () => {
    const { client } = await serve('outsider');
    expect((await client.listTools()).tools).toEqual([]);
    await expect(
      client.callTool({ name: 'secure_file_operation', arguments: { operation: 'list', file_path: '.' } }),
    ).rejects.toThrow(/Unknown tool/);
  });

  it('bounds what is read and written by the configuration, or by the caller\u2019s own limit', async () => {
    const read = { operation: 'read', file_path: 'data/big.txt' } as const;
    await writeFile(join(data, 'big.txt'), 'x'.repeat(1_001));
    const standard = await serve('admin');
    expect((await call(standard, read)).error).toBe(
      'File too large for user tier: it has 1001 bytes, more than the 1000 that this caller may use.',
    );
    const written = await call(standard, { ...read, operation: 'write', content: 'ü'.repeat(501) });
    expect(written.error).toMatch(/^File too large for user tier: it has 1002 bytes/);
    await standard.close();
    expect((await call(await serve('admin', { maxFileSize: 2_000 }), read)).result).toMatchObject({ size: 1_001 });
    await running?.close();
    expect((await call(await serve('admin', { max_file_size: 3 }), read)).error).toMatch(/more than the 3 that/);
    await running?.close();
    expect((await call(await serve('admin', { maxFileSize: '2000' }), read)).code).toBe('forbidden');
  });

  it('[A9] records every access before it is made, and again when it fails', async () => {
    const server = await serve('admin');
    await call(server, { operation: 'read', file_path: 'data/notes.txt' });
    await call(server, { operation: 'read', file_path: 'data/reports/bytes.bin' });
    await call(server, { operation: 'write', file_path: 'data/a.txt', content: 'abc' });
    await call(server, { operation: 'read', file_path: 'data/../secret.txt' });
    expect(await accesses()).toEqual([
      { path: 'data/notes.txt', operation: 'read', success: true, bytes: 7, who: 'ann' },
      { path: 'data/reports/bytes.bin', operation: 'read', success: true, bytes: 3, who: 'ann' },
      { path: 'data/reports/bytes.bin', operation: 'read', success: false, bytes: 3, who: 'ann' },
      { path: 'data/a.txt', operation: 'write', success: true, bytes: 3, who: 'ann' },
    ]);
  });

  it('[A9] does not start where nothing is audited', async () => {
    await expect(serve('admin', {}, false)).rejects.toThrow(/nothing is audited here/);
  });

  it('is not there without a root, and a root that is no folder stops the start', async () => {
    const start = (roots: Parameters<typeof FilesModule.forRoot>[0]['roots']): Promise<TestServer> =>
      createTestServer({
        imports: [PermissionsModule.forRoot({}), AuditModule.forRoot({}), FilesModule.forRoot({ roots })],
      });
    const { server, close } = await start({});
    expect(server.tools).toEqual([]);
    await close();
    await expect(start({ 'no name': { path: data } })).rejects.toThrow(/files\.roots/);
    await expect(start({ gone: { path: join(base, 'gone') } })).rejects.toThrow(/gone: there is no folder/);
  });
});
