import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';

const MAKING_MS = 60_000;
const MAX_BYTES = 128 * 1024 * 1024;
/** Less than this is no snapshot. */
const MIN_BYTES = 1024 * 1024;

/** How to start the process that writes a snapshot to its descriptor 3. */
export interface SnapshotCommand {
  readonly file: string;
  readonly args: readonly string[];
}

/**
 * The file with the memory of a pyodide that has started, which starts others ten times as fast. It is made when it is
 * missing; its name holds a digest of everything it depends on.
 *
 * @throws Error when it can neither be found nor made
 */
export async function memorySnapshot(
  directory: string,
  dependsOn: readonly string[],
  command: SnapshotCommand,
): Promise<string> {
  const digest = createHash('sha256').update(JSON.stringify(dependsOn)).digest('hex').slice(0, 32);
  const path = join(resolve(directory), `pyodide-${digest}.snapshot`);
  if (await isSnapshot(path)) return path;
  await mkdir(resolve(directory), { recursive: true, mode: 0o700 });
  const unfinished = `${path}.${process.pid}`;
  try {
    await writeFile(unfinished, await made(command), { mode: 0o600 });
    await rename(unfinished, path);
  } finally {
    await rm(unfinished, { force: true });
  }
  return path;
}

async function isSnapshot(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true && found.size > MIN_BYTES;
}

async function made({ file, args }: SnapshotCommand): Promise<Buffer> {
  const child = spawn(file, args, {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    env: {},
    cwd: '/',
    signal: AbortSignal.timeout(MAKING_MS),
    killSignal: 'SIGKILL',
  });
  const chunks: Buffer[] = [];
  let size = 0;
  let said = '';
  (child.stdio[3] as Readable).on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > MAX_BYTES) child.kill('SIGKILL');
    else chunks.push(chunk);
  });
  child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-1_000)));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code === 0 && size > MIN_BYTES) return Buffer.concat(chunks);
  throw new Error(`pyodide made no snapshot (exit code ${code}): ${said}`);
}
