import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { pathToFileURL } from 'node:url';
import { memoryRequest, type MemoryReading, type Reading, readRequest } from './reading.js';
import { repository } from './repository.js';
import type { Program } from './subject.js';

const startLimit = 30_000;
const readLimit = 10_000;
const probe = pathToFileURL(join(repository, 'dist-test/test/perf/cpu-probe.js')).href;

/** What `npm start` gives to Node, given to every server alike: more room for what is young halves the collector's work. */
const asStarted = ['--max-semi-space-size=64'];

/** A program that runs and serves. */
export interface RunningServer {
  readonly url: string;
  /** When its process was spawned, on `performance.now()`'s clock. */
  readonly spawnedAt: number;
  /** What its process has used so far. */
  readonly read: () => Promise<Reading>;
  /** What it holds once all garbage is collected; only of a program that runs with `--expose-gc`. */
  readonly readMemory: () => Promise<MemoryReading>;
}

/** Starts `program` on a free port of the loopback, lends it to `use` and ends it, whatever happens. */
export async function withServer<T>(program: Program, use: (server: RunningServer) => Promise<T>): Promise<T> {
  const spawnedAt = performance.now();
  const child = spawn(
    process.execPath,
    [...asStarted, ...(program.nodeOptions ?? []), '--import', probe, ...program.command],
    {
      cwd: program.cwd,
      env: environmentOf(program),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    },
  );
  try {
    const url = await listening(program, child);
    return await use({
      url,
      spawnedAt,
      read: () => ask<Reading>(child, readRequest),
      readMemory: () => ask<MemoryReading>(child, memoryRequest),
    });
  } finally {
    await end(child);
  }
}

/** Little and always the same, so that figures do not depend on who starts the benchmark. */
function environmentOf(program: Program): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return { PATH, HOME, NODE_ENV: 'production', PORT: '0', ...program.env };
}

function listening(program: Program, child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const fail = (what: string): void => {
      clearTimeout(timer);
      reject(new Error(`${program.name} ${what}.\n${output.slice(-2_000)}`));
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

async function ask<T>(child: ChildProcess, request: string): Promise<T> {
  const answer = once(child, 'message', { signal: AbortSignal.timeout(readLimit) });
  child.send(request);
  const [reading] = (await answer) as [T];
  return reading;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}
