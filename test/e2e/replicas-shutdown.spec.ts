import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { verifyAuditFiles } from '../../src/audit/index.js';
import { connectTo, head, write } from './support/raw-http.js';
import { CallLoad } from './support/replica-load.js';
import { ServerProcess } from './support/server-process.js';

const MAIN = resolve(import.meta.dirname, '../../dist/main.js');
const KEY = 'the-key-of-the-load-that-calls-without-a-pause';
const CONNECTIONS = 50;
const GRACE_MS = 3_000;

/** mulberry32: the moments are chance, and the same in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** An installation with callers that are known, a trail in files and a store. */
class Installation {
  readonly folder = mkdtempSync(join(tmpdir(), 'rookery-shutdown-'));
  readonly trail = join(this.folder, 'trail', 'audit.jsonl');

  constructor(audit: 'strict' | 'batched') {
    mkdirSync(join(this.folder, 'config'));
    const config = {
      server: { name: 'stopped', port: 0, shutdownGraceMs: GRACE_MS },
      auth: { storedKeys: true, apiKeys: { load: { secret: KEY, roles: ['caller'] } } },
      permissions: { roles: { caller: ['read', 'execute'] } },
      audit: { mode: audit, sinks: [{ type: 'file', path: this.trail }, { type: 'database' }] },
      store: { url: `file:${join(this.folder, 'store.db')}` },
      knowledge: { enabled: false },
    };
    // JSON is YAML.
    writeFileSync(join(this.folder, 'config', 'default.yaml'), JSON.stringify(config));
  }

  async start(): Promise<{ readonly server: ServerProcess; readonly url: string }> {
    const server = new ServerProcess([MAIN], { cwd: this.folder });
    const [url] = await server.shows('stdout', /http:\/\/127\.0\.0\.1:\d+\/mcp/);
    return { server, url };
  }

  /** The numbers of the calls in the trail, by their outcomes. @throws Error when one stands there twice */
  recorded(): ReadonlyMap<number, string> {
    const folder = join(this.folder, 'trail');
    const lines = readdirSync(folder).flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'));
    const calls = lines.flatMap((line) => {
      const number = /"data":\[(\d+)[,\]]/.exec(line)?.[1];
      const outcome = /"outcome":"(\w+)"/.exec(line)?.[1];
      return number === undefined || outcome === undefined ? [] : [[Number(number), outcome] as const];
    });
    const recorded = new Map(calls);
    if (recorded.size < calls.length) throw new Error('A call was recorded twice.');
    return recorded;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const installations: Installation[] = [];
afterEach(() => installations.splice(0).forEach((installation) => installation.remove()));

function install(audit: 'strict' | 'batched'): Installation {
  const installation = new Installation(audit);
  installations.push(installation);
  return installation;
}

describe('the application that is told to stop under load', () => {
  const random = seeded(20_261_122);
  const moments = Array.from({ length: 6 }, (_, round) => ({
    audit: round % 2 === 0 ? ('strict' as const) : ('batched' as const),
    afterMs: Math.round(random() * 800),
  }));

  it.each(moments)(
    `[R8] after $afterMs ms with $audit audit: answers and records every call of ${CONNECTIONS} connections that it took`,
    { timeout: 60_000 },
    async ({ audit, afterMs }) => {
      const installation = install(audit);
      const { server, url } = await installation.start();
      try {
        const load = new CallLoad(url, KEY, CONNECTIONS);
        await expect.poll(() => load.answers, { timeout: 20_000 }).toBeGreaterThan(CONNECTIONS);
        // The moment of the signal is what is tested: there is nothing to wait for.
        await sleep(afterMs);
        const told = performance.now();
        server.signal('SIGTERM');
        expect(await server.ended()).toEqual({ code: 0, signal: null });
        expect(performance.now() - told).toBeLessThan(GRACE_MS + 5_000);
        const { answered, refused, unanswered, strange } = await load.ended();
        const recorded = installation.recorded();
        expect(strange).toEqual([]);
        expect([...answered].filter((number) => recorded.get(number) !== 'ok')).toEqual([]);
        expect([...unanswered].filter((number) => recorded.has(number))).toEqual([]);
        expect([...refused].filter((number) => recorded.get(number) === 'ok')).toEqual([]);
        expect(unanswered.size).toBe(CONNECTIONS);
        expect((await verifyAuditFiles(installation.trail)).problems).toEqual([]);
        expect(server.stderr).not.toContain('"level":"error"');
        expect(server.stdout).not.toContain('"level":"error"');
      } finally {
        await server.stop();
      }
    },
  );
});

describe('the application that is told to stop', () => {
  it('[R8] waits for nobody who has sent half a request', { timeout: 60_000 }, async () => {
    const { server, url } = await install('batched').start();
    try {
      const half = await connectTo(url);
      half.on('error', () => undefined);
      const headers = { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', 'content-length': '1000' };
      await write(half, `${head(headers)}{"jsonrpc":`);
      const late = await connectTo(url);
      late.on('error', () => undefined);
      await write(late, 'POST /mcp HTTP/1.1\r\nhost: localhost\r\n');
      const told = performance.now();
      server.signal('SIGTERM');
      expect(await server.ended()).toEqual({ code: 0, signal: null });
      expect(performance.now() - told).toBeLessThan(GRACE_MS + 5_000);
      half.destroy();
      late.destroy();
    } finally {
      await server.stop();
    }
  });
});
