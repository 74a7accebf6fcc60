import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { postgresFolder } from './binaries.js';
import { freePort } from './free-port.js';
import { ServerProgram } from './server-program.js';

const run = promisify(execFile);

/** A PostgreSQL server of this test alone. */
export interface PostgresServer {
  readonly port: number;
  /** The URL of a new, empty database. */
  createDatabase(): Promise<string>;
  /** Stops answering, with connections open. */
  freeze(): void;
  thaw(): void;
  /** Ends as in a crash. */
  kill(): Promise<void>;
  /** Starts again after {@link kill}, on the same port, with the same data. */
  restart(): Promise<void>;
  /** Ends for good and removes its data. */
  stop(): Promise<void>;
}

/**
 * Starts PostgreSQL on a free loopback port, in a temporary folder; about two seconds.
 *
 * @throws Error with the command that installs it, when it is not there and cannot be installed.
 */
export async function startPostgres(): Promise<PostgresServer> {
  const folder = await postgresFolder();
  const user = unprivilegedUser();
  const home = await mkdtemp(join(tmpdir(), 'rookery-postgres-'));
  if (user !== undefined) await chown(home, user.uid, user.gid);
  const data = join(home, 'data');
  const settings = ['-D', data, '-U', 'rookery', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'];
  await run(join(folder, 'initdb'), settings, { ...user, cwd: home });
  const port = await freePort();
  const urlOf = (database: string): string => `postgres://rookery:secret@127.0.0.1:${port}/${database}`;
  const program = new ServerProgram({
    command: join(folder, 'postgres'),
    args: ['-D', data, '-p', String(port), '-F', '-c', 'listen_addresses=127.0.0.1', '-k', home],
    user,
    connect: async () => await query(urlOf('postgres'), 'SELECT 1'),
    endSignal: 'SIGINT',
  });
  await program.start();
  return {
    port,
    createDatabase: async () => {
      const name = `test_${randomBytes(6).toString('hex')}`;
      await query(urlOf('postgres'), `CREATE DATABASE ${name}`);
      return urlOf(name);
    },
    freeze: () => program.freeze(),
    thaw: () => program.thaw(),
    kill: async () => await program.kill(),
    restart: async () => await program.start(),
    stop: async () => {
      await program.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function query(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** PostgreSQL refuses to run as root. */
function unprivilegedUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}
