import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { connectReference } from './support/connect-reference.js';
import { allPages, type Revision } from './support/reference-client.js';
import { ServerProcess } from './support/server-process.js';

const MAIN = resolve(import.meta.dirname, '../../dist/main.js');
const KEY = 'rk_desk_b25seSBmb3IgdGhlc2UgdGVzdHM';
const REVISIONS: readonly Revision[] = ['2026-07-28', '2025-11-25'];

const folder = mkdtempSync(join(tmpdir(), 'rookery-stdio-identity-'));
mkdirSync(join(folder, 'config'));
writeFileSync(
  join(folder, 'config', 'default.yaml'),
  `knowledge: { enabled: false }
auth: { apiKeys: { desk: { secret: "${KEY}", roles: [viewer] } } }
permissions: { roles: { viewer: [read] } }
`,
);
writeFileSync(join(folder, 'desk.key'), `${KEY}\n`);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const endpoint = (env: Record<string, string>) =>
  ({ kind: 'stdio', args: [MAIN, '--stdio'], cwd: folder, env }) as const;

describe.each(REVISIONS)('a client of %s on a pipe', (revision) => {
  it.each([
    ['in the environment', { ROOKERY_API_KEY: KEY }],
    ['in a file that the environment names', { ROOKERY_API_KEY_FILE: join(folder, 'desk.key') }],
  ])('[A5] is who the credential %s says', async (_where, env) => {
    const client = await connectReference(revision, endpoint(env));
    try {
      expect((await allPages(client, 'tools')).entries.map(({ name }) => name)).toContain('analyze_data');
    } finally {
      await client.close();
    }
  });

  it('[A5] is nobody without one', async () => {
    // What the client of 2026 makes of the refusal of its first request is its own sentence.
    const refusal = revision === '2025-11-25' ? 'Authentication is required' : 'the server did not offer';
    await expect(connectReference(revision, endpoint({}))).rejects.toThrow(refusal);
  });
});

it('[A5] a server on a pipe does not start with a credential that is none', async () => {
  const wrong = 'rk_desk_bm90IHRoZSByaWdodCBvbmUgYXQgYWxs';
  const server = new ServerProcess([MAIN, '--stdio'], { cwd: folder, env: { ROOKERY_API_KEY: wrong } });
  try {
    expect((await server.ended()).code).toBeGreaterThan(0);
    expect(server.stderr).toContain('ROOKERY_API_KEY');
    expect(server.stderr).not.toContain(wrong);
    expect(server.stdout).toBe('');
  } finally {
    await server.stop();
  }
});
