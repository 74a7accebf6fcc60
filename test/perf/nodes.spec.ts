import { createHook } from 'node:async_hooks';
import { getEventListeners, once } from 'node:events';
import { mkdtemp, readdir, readlink, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdaptersModule } from '../../src/adapters/index.js';
import { Call, SqlConnections } from '../../src/core/index.js';
import { NodeCatalogue, NodeRunner, NodesModule } from '../../src/index.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';

const RUNS = 10_000;
/** Of each node that goes out of the process, or opens a database. */
const SLOWER_RUNS = 300;
const DATABASE = '/a.db';

/** Nodes as tools use them: a small file, some rows, a few figures. */
const WORK: readonly (readonly [type: string, parameters: object])[] = [
  ['CSVReaderNode', { file_path: 'data/small.csv' }],
  ['TextReaderNode', { file_path: 'data/small.csv' }],
  ['DirectoryReaderNode', { directory_path: 'data' }],
  ['FilterNode', { data: [{ a: 1 }, { a: 2 }], condition: { column: 'a', operator: 'greater', value: 1 } }],
  ['SortNode', { data: [{ a: 2 }, { a: 1 }], by: [{ column: 'a' }] }],
  ['StatisticsNode', { data: [{ a: 1 }, { a: 2 }, { a: 4 }] }],
];

interface Left {
  readonly descriptors: number;
  /**
   * SQLite keeps descriptors of a file for whoever opens it next, as closing one would drop the locks of all. There are
   * as many as connections were open at once, which end when their statements are collected: libsql cannot end these.
   */
  readonly ofDatabase: number;
  readonly children: number;
  /** What keeps the process alive: sockets, handles, timers that are not unref'd. */
  readonly resources: number;
  /** All timers, also those that keep nothing alive. */
  readonly timers: number;
  /** Of the process, and of the signal that all runs have in common. */
  readonly listeners: number;
}

const TIMERS: ReadonlySet<string> = new Set(['Timeout', 'Immediate']);

/** Knows every timer that was made since it began and is neither fired, cleared nor collected. */
class TimerWatch {
  readonly #alive = new Set<number>();
  readonly #hook = createHook({
    init: (id, type) => void (TIMERS.has(type) && this.#alive.add(id)),
    destroy: (id) => void this.#alive.delete(id),
  }).enable();

  get count(): number {
    return this.#alive.size;
  }

  stop(): void {
    this.#hook.disable();
  }
}

async function left(timers: TimerWatch, shared: Call): Promise<Left> {
  const children = await readdir('/proc/self/task').then(async (tasks) => {
    const lists = await Promise.all(tasks.map((task) => readFileOf(`/proc/self/task/${task}/children`)));
    return lists.flatMap((list) => list.split(' ').filter((pid) => pid !== '')).length;
  });
  const ofProcess = process.eventNames().reduce((sum, event) => sum + process.listenerCount(event), 0);
  const open = await Promise.all(
    (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')),
  );
  return {
    descriptors: open.filter((path) => !path.endsWith(DATABASE)).length,
    ofDatabase: open.filter((path) => path.endsWith(DATABASE)).length,
    children,
    resources: process.getActiveResourcesInfo().length,
    timers: timers.count,
    listeners: ofProcess + getEventListeners(shared.signal, 'abort').length,
  };
}

async function readFileOf(path: string): Promise<string> {
  const { readFile } = await import('node:fs/promises');
  return readFile(path, 'utf8').catch(() => '');
}

describe('nodes of the size of tools', () => {
  let folder = '';
  let running: TestServer;
  let api: Server;
  let origin = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rookery-nodes-'));
    await writeFile(join(folder, 'small.csv'), `region,amount\n${'north,10\nsouth,2.5\n'.repeat(20)}`);
    api = createServer((request, response) => {
      request.resume();
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"yes":true}');
    }).listen(0, '127.0.0.1');
    await once(api, 'listening');
    origin = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
    running = await createTestServer({
      imports: [
        AdaptersModule.forRoot({ store: { url: 'memory:', connections: { lite: `file:${folder}${DATABASE}` } } }),
        NodesModule.forRoot({
          roots: { data: { path: folder } },
          api: { allow: [origin], privateRanges: ['127.0.0.1'] },
          data: { sql: { connections: { lite: {} } } },
        }),
      ],
    });
    const lite = await running.app.get(SqlConnections).get('lite');
    await lite.execute('CREATE TABLE sales (region TEXT, amount REAL)');
    await lite.execute("INSERT INTO sales VALUES ('north', 1), ('south', 2)");
  });

  afterAll(async () => {
    await running.close();
    api.closeAllConnections();
    api.close();
    await rm(folder, { recursive: true });
  });

  it(`run 200 a second and more, and leave nothing open after ${RUNS}`, async () => {
    const [catalogue, runner] = [running.app.get(NodeCatalogue), running.app.get(NodeRunner)];
    const slower: typeof WORK = [
      ['HTTPRequestNode', { url: `${origin}/`, method: 'POST', json: { a: 1 } }],
      ['SQLDatabaseNode', { connection: 'lite', query: 'SELECT * FROM sales' }],
    ];
    // As the steps of a workflow have it: what one of them leaves on the signal is there for the next.
    const shared = new Call({ kind: 'tool', name: 'shared', input: {} });
    const run = async (work: typeof WORK, index: number): Promise<void> => {
      const [type, parameters] = work[index % work.length] ?? ['', {}];
      const call = index % 2 === 0 ? shared : new Call({ kind: 'tool', name: type, input: {} });
      await runner.run(catalogue.get(type), parameters, { call });
    };
    const many = async (work: typeof WORK, runs: number): Promise<void> => {
      for (let index = 0; index < runs; index += 10) {
        await Promise.all(Array.from({ length: 10 }, (_, beside) => run(work, index + beside)));
      }
    };
    const timers = new TimerWatch();
    try {
      await many(WORK, 100);
      await many(slower, 20);
      const before = await left(timers, shared);
      const started = performance.now();
      await many(WORK, RUNS);
      const perSecond = RUNS / ((performance.now() - started) / 1000);
      console.log(`${Math.round(perSecond)} nodes a second`);
      expect(perSecond).toBeGreaterThan(200);
      await many(slower, SLOWER_RUNS * slower.length);
      collectGarbage();
      // Connections that are kept for the next request end by themselves; nothing else may be more than before.
      await expect
        .poll(async () => more(await left(timers, shared), before), { timeout: 15_000, interval: 250 })
        .toEqual([]);
      expect((await left(timers, shared)).ofDatabase).toBeLessThan(SLOWER_RUNS);
    } finally {
      timers.stop();
    }
  });
});

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

/** What there is more of. */
function more(now: Left, before: Left): readonly string[] {
  const names = Object.keys(before) as (keyof Left)[];
  const counted = names.filter((name) => name !== 'ofDatabase');
  return counted.filter((name) => now[name] > before[name]).map((name) => `${name}: ${before[name]} → ${now[name]}`);
}
