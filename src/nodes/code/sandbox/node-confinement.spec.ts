import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  confinedNode,
  findNodeConfinement,
  isolationOf,
  limitMemory,
  type NodeConfinement,
} from './node-confinement.js';

const DATA_MB = 448;
const TAKEN_MB = 512;

/** Tries what must fail, and prints what did not. No WebAssembly stands before it: what holds is the process's walls. */
const PROBES = `
import { once } from 'node:events';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { Worker } from 'node:worker_threads';
const [folder, port, server, mode] = process.argv.slice(1);
if (mode === 'wait') {
  process.stdout.write('ready\\n');
  await once(process.stdin, 'data');
}
const reached = [];
const attempt = async (what, action) => {
  try { await action(); reached.push(what); } catch { }
};
const must = (truth) => { if (!truth) throw new Error('no'); };
await attempt('find the environment', () => must('ROOKERY_TEST_MARK' in process.env));
await attempt('read a file', () => readFileSync(folder + '/secret'));
await attempt('read a file of the system', () => readFileSync('/etc/passwd'));
await attempt('write a file', () => writeFileSync(folder + '/written', 'x'));
await attempt('start a process', () => must(spawnSync('/bin/true').status === 0));
await attempt('start a worker', async () => await once(new Worker('', { eval: true }), 'online'));
await attempt('evaluate text', () => new Function('return 1')());
await attempt('connect to the server', async () => {
  const socket = connect(Number(port), '127.0.0.1');
  await once(socket, 'connect');
  socket.destroy();
});
await attempt('signal the server', () => process.kill(Number(server), 0));
const all = [];
await attempt('take memory', () => {
  for (let taken = 0; taken < ${TAKEN_MB}; taken += 32) all.push(Buffer.alloc(32 << 20, 1));
});
process.stdout.write(JSON.stringify(reached), () => process.exit(0));
`;

const BY_PERMISSIONS = [
  'read a file',
  'read a file of the system',
  'write a file',
  'start a process',
  'start a worker',
] as const;
const BY_NAMESPACES = ['connect to the server', 'signal the server'] as const;
const BY_MEMORY = ['take memory'] as const;

/** Each wall alone, all, and none: what code then reaches. The last one shows that the probes can succeed. */
const WALLS: readonly (readonly [walls: string, NodeConfinement, permissions: boolean, reached: readonly string[]])[] =
  [
    ['all walls', { namespaces: true, memory: true }, true, []],
    ['all but namespaces', { namespaces: false, memory: true }, true, BY_NAMESPACES],
    ['all but the memory limit', { namespaces: true, memory: false }, true, BY_MEMORY],
    ["all but Node's permissions", { namespaces: true, memory: true }, false, BY_PERMISSIONS],
    ["Node's permissions alone", { namespaces: false, memory: false }, true, [...BY_NAMESPACES, ...BY_MEMORY]],
    ['no wall', { namespaces: false, memory: false }, false, [...BY_PERMISSIONS, ...BY_NAMESPACES, ...BY_MEMORY]],
  ];

/** Later versions of Node keep programs from the network by their permissions too. */
const NODE_KEEPS_NETWORK = process.allowedNodeEnvironmentFlags.has('--allow-net');

describe('a confined Node', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rookery-confinement-'));
  let listener: Server;

  beforeAll(async () => {
    process.env['ROOKERY_TEST_MARK'] = 'seen';
    writeFileSync(join(folder, 'secret'), 'secret', { mode: 0o644 });
    listener = createServer((socket) => void socket.destroy()).listen(0, '127.0.0.1');
    await once(listener, 'listening');
  });
  afterAll(() => {
    delete process.env['ROOKERY_TEST_MARK'];
    listener.close();
    rmSync(folder, { recursive: true });
  });

  function start(confinement: NodeConfinement, permissions: boolean, dataMb: number, mode: string): ChildProcess {
    const { port } = listener.address() as AddressInfo;
    const { file, args } = confinedNode(confinement, PROBES, {
      readable: [],
      heapMb: 128,
      dataMb,
      cpuSeconds: 60,
      args: [folder, String(port), String(process.pid), mode],
    });
    const given = permissions ? args : args.filter((argument) => !/^--(experimental-)?permission$/.test(argument));
    return spawn(file, given, { env: {}, cwd: '/', stdio: ['pipe', 'pipe', 'ignore'] });
  }

  async function reachedBy(child: ChildProcess): Promise<readonly string[]> {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => (text += chunk.toString()));
    await once(child, 'close');
    return JSON.parse(text) as readonly string[];
  }

  it('finds every wall on this machine', async () => {
    expect(await findNodeConfinement()).toEqual({ namespaces: true, memory: true });
  });

  it.each(WALLS)(
    'with %s reaches what the others do not keep it from',
    async (_walls, confinement, permissions, all) => {
      const reached = await reachedBy(start(confinement, permissions, DATA_MB, 'now'));
      const expected = all.filter((what) => !(NODE_KEEPS_NETWORK && permissions && what === 'connect to the server'));
      expect(reached).toEqual(expected);
      if (!permissions) return;
      const claimed = isolationOf(confinement);
      expect(claimed).toEqual(expect.arrayContaining(['files', 'environment']));
      expect(claimed.includes('memory')).toBe(!reached.includes('take memory'));
      expect(claimed.includes('processes')).toBe(!reached.includes('signal the server'));
      if (claimed.includes('network')) expect(reached).not.toContain('connect to the server');
    },
  );

  it.each([true, false])('gets less memory while it runs (namespaces: %s)', async (namespaces) => {
    const confinement = { namespaces, memory: true };
    const reachedAt = async (dataMb: number): Promise<readonly string[]> => {
      const child = start(confinement, true, 4_096, 'wait');
      if (child.stdout !== null) await once(child.stdout, 'data');
      await limitMemory(confinement, child.pid ?? 0, dataMb);
      const reached = reachedBy(child);
      child.stdin?.end('go');
      return await reached;
    };
    expect(await reachedAt(2_048)).toContain('take memory');
    expect(await reachedAt(DATA_MB)).not.toContain('take memory');
  });
});
