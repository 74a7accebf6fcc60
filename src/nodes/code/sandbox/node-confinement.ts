import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Programs of util-linux, by absolute path, as nothing is searched on a PATH. */
const PRLIMIT = ['/usr/bin/prlimit'];
/** Killed with the thread that started it, and its child with it. */
const NAMESPACES = [
  ...'/usr/bin/setpriv --pdeathsig KILL --no-new-privs --'.split(' '),
  ...'/usr/bin/unshare --user --map-current-user --net --ipc --pid --fork --kill-child --'.split(' '),
];

/** What this machine can put around a child process of Node, besides Node's own permission model. */
export interface NodeConfinement {
  /** New namespaces for network, processes and IPC: `unshare` works. */
  readonly namespaces: boolean;
  /** A limit of data memory: `prlimit` works. */
  readonly memory: boolean;
}

/** Tries what there is. */
export async function findNodeConfinement(): Promise<NodeConfinement> {
  const works = async ([file = '', ...args]: readonly string[]): Promise<boolean> =>
    await promisify(execFile)(file, args, { env: {}, timeout: 10_000 }).then(
      () => true,
      () => false,
    );
  const [namespaces, memory] = await Promise.all([
    works([...NAMESPACES, '/bin/true']),
    works([...PRLIMIT, '--data=1073741824', '--', '/bin/true']),
  ]);
  return { namespaces, memory };
}

/** How to start Node without rights: it reads these folders, evaluates no texts but the program's, and has limits. */
export function confinedNode(
  confinement: NodeConfinement,
  program: string,
  {
    readable,
    heapMb,
    dataMb,
    cpuSeconds,
    args,
  }: {
    readonly readable: readonly string[];
    readonly heapMb: number;
    readonly dataMb: number;
    /** Ends what a server that was killed left behind. */
    readonly cpuSeconds: number;
    readonly args: readonly string[];
  },
): { readonly file: string; readonly args: readonly string[] } {
  const permission = process.allowedNodeEnvironmentFlags.has('--permission')
    ? '--permission'
    : '--experimental-permission';
  const command = [
    ...(confinement.namespaces ? NAMESPACES : []),
    ...(confinement.memory
      ? [...PRLIMIT, `--data=${dataMb * 1024 * 1024}`, '--core=0', `--cpu=${cpuSeconds}`, '--']
      : []),
    process.execPath,
    '--no-warnings',
    '--disallow-code-generation-from-strings',
    permission,
    ...readable.map((folder) => `--allow-fs-read=${folder}/*`),
    `--max-old-space-size=${heapMb}`,
    '--input-type=module',
    '--eval',
    program,
    '--',
    ...args,
  ];
  const [file = process.execPath, ...rest] = command;
  return { file, args: rest };
}

/**
 * Lowers the data memory that a confined Node may have while it runs, by the process that {@link confinedNode} began;
 * the Node can't raise it again. Does nothing where the machine has no such limit.
 */
export async function limitMemory(confinement: NodeConfinement, pid: number, dataMb: number): Promise<void> {
  if (!confinement.memory) return;
  // `unshare` waits outside of the namespaces for the one child that it has.
  const target = confinement.namespaces ? await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8') : String(pid);
  const [prlimit = '', ...args] = PRLIMIT;
  const limit = [`--pid=${target.trim()}`, `--data=${dataMb * 1024 * 1024}`];
  await promisify(execFile)(prlimit, [...args, ...limit], { env: {}, timeout: 10_000 });
}

/** What the sandboxes of a confined Node keep code from; network and memory only where the machine can. */
export function isolationOf(confinement: NodeConfinement): readonly string[] {
  return [
    'files',
    'environment',
    'time',
    'output',
    ...(confinement.namespaces ? ['network', 'processes', 'ipc'] : []),
    ...(confinement.memory ? ['memory'] : []),
  ];
}

/** A function that needs nothing around it, as a program: it gets `import` as its first parameter. */
export function programOf(main: (load: (url: string) => Promise<never>) => Promise<void>): string {
  return `await (${main.toString()})((url) => import(url));`;
}
