import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { randomModel } from './gguf.js';

/** llama.cpp with a model of random weights, speaking OpenAI's wire in a process of its own. */
export interface Engine {
  /** Up to `/v1`. */
  readonly url: string;
  readonly model: string;
  /** How many answers it gave up because nobody waited any more. */
  aborted(): Promise<number>;
  stop(): Promise<void>;
}

/** Not beside this file: what runs may be the compiled one. */
const folder = resolve(import.meta.dirname.replace(/dist-test[/\\]/, ''), 'engine');

/**
 * Installs the engine's packages (85 MB, prebuilt) as its lockfile names them, unless they are there. `npm ci` refuses:
 * some of the optional packages, for other machines, cannot be had. With its scripts the engine would build itself.
 */
export async function installEngine(): Promise<void> {
  const changed = (file: string): number => statSync(join(folder, file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (changed('package-lock.json') <= changed('node_modules/.package-lock.json')) return;
  const flags = ['--no-save', '--omit=optional', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = spawn('npm', ['install', ...flags], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: 300_000,
  });
  const [code] = (await once(npm, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`npm install failed in ${folder} (${code ?? 'took too long'}).`);
}

/** Starts the engine with a model file that it makes. */
export async function startEngine(): Promise<Engine> {
  const home = mkdtempSync(join(tmpdir(), 'rookery-llm-'));
  const file = join(home, 'random.gguf');
  writeFileSync(file, randomModel());
  const server = spawn(process.execPath, ['server.mjs', file], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
  const exited = once(server, 'exit');
  const port = await Promise.race([
    once(server.stdout.setEncoding('utf8'), 'data').then(([text]) => Number(text)),
    exited.then(() => Promise.reject(new Error(`The engine did not start:\n${log}`))),
  ]);
  const origin = `http://127.0.0.1:${port}`;
  return {
    url: `${origin}/v1`,
    model: 'rookery-random',
    aborted: async () => {
      const { aborted } = (await (await fetch(`${origin}/aborted`)).json()) as { aborted: number };
      return aborted;
    },
    stop: async () => {
      server.kill('SIGKILL');
      await exited;
      rmSync(home, { recursive: true });
    },
  };
}
