import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Call } from '../../src/core/index.js';
import { NodeCatalogue, NodeRunner, NodesModule } from '../../src/index.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';

const RUNS = 10_000;

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
  readonly children: number;
  readonly resources: number;
  readonly listeners: number;
}

async function left(): Promise<Left> {
  const children = await readdir('/proc/self/task').then(async (tasks) => {
    const lists = await Promise.all(tasks.map((task) => readFileOf(`/proc/self/task/${task}/children`)));
    return lists.flatMap((list) => list.split(' ').filter((pid) => pid !== '')).length;
  });
  return {
    descriptors: (await readdir('/proc/self/fd')).length,
    children,
    resources: process.getActiveResourcesInfo().filter((kind) => kind !== 'Timeout').length,
    listeners: process.eventNames().reduce((sum, event) => sum + process.listenerCount(event), 0),
  };
}

async function readFileOf(path: string): Promise<string> {
  const { readFile } = await import('node:fs/promises');
  return readFile(path, 'utf8').catch(() => '');
}

describe('nodes of the size of tools', () => {
  let folder = '';
  let running: TestServer;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rookery-nodes-'));
    await writeFile(join(folder, 'small.csv'), `region,amount\n${'north,10\nsouth,2.5\n'.repeat(20)}`);
    running = await createTestServer({ imports: [NodesModule.forRoot({ roots: { data: { path: folder } } })] });
  });

  afterAll(async () => {
    await running.close();
    await rm(folder, { recursive: true });
  });

  it(`run 200 a second and more, and leave nothing open after ${RUNS}`, async () => {
    const [catalogue, runner] = [running.app.get(NodeCatalogue), running.app.get(NodeRunner)];
    const run = async (index: number): Promise<void> => {
      const [type, parameters] = WORK[index % WORK.length] ?? ['', {}];
      const call = new Call({ kind: 'tool', name: type, input: {} });
      // Whoever asks for the signal and forgets about it must leave no listener on it either.
      await runner.run(catalogue.get(type), parameters, { call });
    };
    for (let index = 0; index < 100; index++) await run(index);
    const before = await left();
    const started = performance.now();
    for (let index = 0; index < RUNS; index += 10) {
      await Promise.all(Array.from({ length: 10 }, (_, beside) => run(index + beside)));
    }
    const perSecond = RUNS / ((performance.now() - started) / 1000);
    console.log(`${Math.round(perSecond)} nodes a second`);
    expect(perSecond).toBeGreaterThan(200);
    expect(await left()).toEqual(before);
  });
});
