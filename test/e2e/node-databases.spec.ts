import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ServerProcess } from './support/server-process.js';

const MAIN = resolve(import.meta.dirname, '../../dist/main.js');

let folder: string | undefined;
afterEach(() => {
  if (folder !== undefined) rmSync(folder, { recursive: true });
  folder = undefined;
});

/** Starts the application with a section `store`, whose file lies below `state`, also to be reached by `link`. */
function start(store: string, nodes: string): ServerProcess {
  folder = mkdtempSync(join(tmpdir(), 'rookery-own-'));
  for (const name of ['config', 'state']) mkdirSync(join(folder, name));
  symlinkSync('state', join(folder, 'link'));
  const text = `store: ${store}\nnodes: { data: { sql: { connections: ${nodes} } } }\n`;
  writeFileSync(join(folder, 'config/default.yaml'), text);
  return new ServerProcess([MAIN], { cwd: folder, env: { ROOKERY_SERVER__PORT: '0' } });
}

const OWN = 'is the database of store.url';
const REFUSED: readonly (readonly [what: string, store: string, nodes: string, fault: string])[] = [
  ['by its name', '{ url: "file:./state/a.db" }', '{ store: {} }', 'sql.connections.store: must not be there'],
  ['by a link', '{ url: "file:./state/a.db", connections: { own: "file:link/a.db" } }', '{ own: {} }', OWN],
  [
    'as another user',
    '{ url: "postgres://rookery:s3cret-one@localhost/state", connections: { own: "postgresql://nodes:s3cret-two@127.0.0.1:5432/state" } }',
    '{ own: { write: false } }',
    OWN,
  ],
];

describe('a server whose nodes could read its own database', () => {
  it.each(REFUSED)('does not start: %s', async (_what, store, nodes, fault) => {
    const server = start(store, nodes);
    expect((await server.ended()).code).toBeGreaterThan(0);
    expect(server.stderr).toContain(fault);
    expect(server.stderr).toMatch(/a database and a role of its own/);
    expect(server.stderr).not.toMatch(/s3cret-(one|two)/);
  });

  it('starts with a database beside it', async () => {
    const server = start('{ url: "file:./state/a.db", connections: { other: "file:state/b.db" } }', '{ other: {} }');
    await expect(server.shows('stdout', /http:\/\/\S+\/mcp/)).resolves.toBeDefined();
    await server.stop();
  });
});
