import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AdaptersModule } from '../../../src/adapters/index.js';
import { NodeCatalogue, NodeRunner, NodesModule } from '../../../src/index.js';
import { Call } from '../../../src/core/index.js';
import type { z } from 'zod';
import type { dataOptions } from '../../../src/nodes/data/data.options.js';
import { createTestServer, type TestServer } from '../../../src/testing/index.js';

/** A server with the data nodes over a folder of its own, named `data`. */
export interface DataServer {
  readonly folder: string;
  readonly running: TestServer;
  /** Runs a node as a step would: parameters checked. */
  run(type: string, parameters: unknown, call?: Call): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

/** What a server is made with. */
export interface DataServerOptions {
  /** The section `nodes.data`. */
  readonly data?: z.input<typeof dataOptions>;
  /** `store.connections`. */
  readonly connections?: Readonly<Record<string, string>>;
}

/** Starts one. Beside its folder `data` lies `data2`, which is no root. */
export async function startDataServer({ data = {}, connections = {} }: DataServerOptions = {}): Promise<DataServer> {
  const home = await mkdtemp(join(tmpdir(), 'rookery-data-'));
  const folder = join(home, 'data');
  await mkdir(folder);
  await mkdir(join(home, 'data2'));
  const running = await createTestServer({
    imports: [
      AdaptersModule.forRoot({ store: { url: 'memory:', connections: { ...connections } } }),
      NodesModule.forRoot({ roots: { data: { path: folder, write: true } }, data }),
    ],
  });
  const catalogue = running.app.get(NodeCatalogue);
  const runner = running.app.get(NodeRunner);
  return {
    folder,
    running,
    run: async (type, parameters, call = newCall()) =>
      (await runner.run(catalogue.get(type), parameters, { call })) as Record<string, unknown>,
    close: async () => {
      await running.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** A call that nobody listens to. */
export function newCall(): Call {
  return new Call({ kind: 'tool', name: 'test', input: {} });
}
