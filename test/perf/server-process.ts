import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import { type Reading, readRequest } from './reading.js';
import { repository } from './repository.js';
import type { Subject } from './subject.js';

const startLimit = 30_000;
const readLimit = 10_000;
const probe = pathToFileURL(join(repository, 'dist-test/test/perf/cpu-probe.js')).href;

/** A subject that runs and serves. */
export interface RunningServer {
  readonly url: string;
  /** When its process was spawned, on `performance.now()`'s clock. */
  readonly spawnedAt: number;
  /** What its process has used so far. */
  readonly read: () => Promise<Reading>;
}

/** Starts `subject` on a free port of the loopback, lends it to `use` and ends it, whatever happens. */
export async function withServer<T>(subject: Subject, use: (server: RunningServer) => Promise<T>): Promise<T> {
  const spawnedAt = performance.now();
  const child = spawn(process.execPath, ['--import', probe, ...subject.command], {
    cwd: subject.cwd,
    env: environmentOf(subject),
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  try {
    const url = await listening(subject, child);
    return await use({ url, spawnedAt, read: () => read(child) });
  } finally {
    await end(child);
  }
}

/** Little and always the same, so that figures do not depend on who starts the benchmark. */
function environmentOf(subject: Subject): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return { PATH, HOME, NODE_ENV: 'production', PORT: '0', ...subject.env };
}

function listening(subject: Subject, child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const fail = (what: string): void => {
      clearTimeout(timer);
      reject(new Error(`${subject.name} ${what}.\n${output.slice(-2_000)}`));
    };
    const timer = setTimeout(() => fail(`did not listen within ${startLimit} ms`), startLimit);
    const hear = (chunk: string): void => {
      output = (output + chunk).slice(-10_000);
      const url = /^listening (http:\/\/\S+)$/m.exec(output)?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    };
    child.stdout?.setEncoding('utf8').on('data', hear);
    child.stderr?.setEncoding('utf8').on('data', hear);
    child.once('error', (error) => fail(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) => fail(`ended before it listened (${signal ?? code})`));
  });
}

async function read(child: ChildProcess): Promise<Reading> {
  const answer = once(child, 'message', { signal: AbortSignal.timeout(readLimit) });
  child.send(readRequest);
  const [reading] = (await answer) as [Reading];
  return reading;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}
