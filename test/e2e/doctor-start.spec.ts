import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DoctorHome } from './support/doctor-home.js';
import { ServerProcess } from './support/server-process.js';

const MAIN = resolve(import.meta.dirname, '../../dist/main.js');
const SECRET = 'staple-staple-staple-staple-staple-staple';

let home: DoctorHome;
beforeEach(() => void (home = new DoctorHome()));
afterEach(() => home.remove());

describe('the checks at start', () => {
  it('are logged once each, with what to do, and no secret', async () => {
    home.configure(
      `server: { port: 0 }\nauth: { jwt: { secret: ${SECRET}, issuer: me, audience: you } }\npermissions: { mode: report }\nknowledge: { enabled: false }\nmonitoring: { logging: { format: json } }`,
      0o644,
    );
    const server = new ServerProcess([MAIN], { cwd: home.folder });
    try {
      await server.shows('stderr', /"check":"secret_files"/);
      server.signal('SIGTERM');
      await server.ended();
      const lines = server.stderr.split('\n').filter((line) => line.includes('"check":'));
      const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(told.filter(({ check }) => check === 'secret_files')).toHaveLength(1);
      expect(told).toContainEqual(
        expect.objectContaining({ check: 'fail_open', remedy: expect.stringContaining('permissions.mode') as unknown }),
      );
      expect(server.stderr).not.toContain(SECRET);
    } finally {
      await server.stop();
    }
  });

  /** A Redis that takes connections and says nothing: who asks it waits for its time to be up. */
  const silentRedis = async (): Promise<{ readonly url: string; readonly stop: () => void }> => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => void sockets.add(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const stop = (): void => {
      server.close();
      sockets.forEach((socket) => socket.destroy());
    };
    return { url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`, stop };
  };
  const configured = (redis: string, startChecks?: string): void =>
    home.configure(`
server: { port: 0 }
store: { url: 'memory:' }
knowledge: { enabled: false }
redis: { url: '${redis}' }
monitoring: { logging: { format: json }${startChecks === undefined ? '' : `, startChecks: ${startChecks}`} }`);

  it('ask back ends, too, while the server serves, and say how each ended', { timeout: 30_000 }, async () => {
    const redis = await silentRedis();
    configured(redis.url);
    const server = new ServerProcess([MAIN], { cwd: home.folder });
    try {
      const [, url = ''] = await server.shows('stdout', /(http:\/\/[\w.:]+)\/mcp/);
      expect((await fetch(`${url}/health/live`)).status).toBe(200);
      await server.shows('stderr', /the doctor has looked at what the server needs.*\n/);
      expect(linesOf(server)).toContainEqual(
        expect.objectContaining({
          check: 'redis',
          level: 'error',
          reason: expect.stringContaining('does not answer') as string,
          remedy: expect.stringContaining('See whether it hangs') as string,
        }),
      );
      const summary = linesOf(server).find(({ msg }) => msg === 'the doctor has looked at what the server needs');
      expect(summary).toMatchObject({
        fail: 1,
        checks: { fail: ['redis'], skipped: expect.arrayContaining(['webhooks', 'llm', 'clock']) as string[] },
      });
      for (const name of ['self_test', 'database:store']) {
        expect(Object.values(summary?.['checks'] as object).flat()).not.toContain(name);
      }
      expect(Object.values(summary?.['checks'] as object).flat()).toContain('secret_files');
    } finally {
      await server.stop();
      redis.stop();
    }
  });

  it('do not keep a server from ending', async () => {
    const redis = await silentRedis();
    configured(redis.url);
    const server = new ServerProcess([MAIN], { cwd: home.folder });
    try {
      await server.shows('stdout', /\/mcp/);
      server.signal('SIGTERM');
      expect(await server.ended()).toEqual({ code: 0, signal: null });
      expect(server.stderr).not.toContain('"check":"redis"');
    } finally {
      await server.stop();
      redis.stop();
    }
  });

  it.each([
    ['local', /the doctor has looked.*"disk"/],
    ['off', /"msg"/],
  ])('are as many as monitoring.startChecks says: %s', async (depth, shown) => {
    const redis = await silentRedis();
    configured(redis.url, depth);
    const server = new ServerProcess([MAIN], { cwd: home.folder });
    try {
      await server.shows('stdout', /\/mcp/);
      await server.shows('stderr', shown);
      server.signal('SIGTERM');
      await server.ended();
      expect(server.stderr).not.toMatch(/"check":"redis"|"redis":"/);
      if (depth === 'off') expect(server.stderr).not.toContain('the doctor');
    } finally {
      await server.stop();
      redis.stop();
    }
  });
});

function linesOf({ stderr }: ServerProcess): readonly Readonly<Record<string, unknown>>[] {
  const lines = stderr.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}
