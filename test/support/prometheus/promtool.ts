import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { findOrInstall } from '../servers/install.js';

/** How `promtool` ended, with everything it said. */
export interface PromtoolResult {
  readonly code: number | null;
  readonly output: string;
}

/** The program `promtool`, of Debian's `prometheus`. @throws Error with the command that installs it */
export async function promtool(): Promise<string> {
  return await program('promtool');
}

/** The program `prometheus`. @throws Error with the command that installs it */
export async function prometheus(): Promise<string> {
  return await program('prometheus');
}

/** Runs `promtool` with something on its stdin: `promtool check metrics` reads what a server answered. */
export async function runPromtool(args: readonly string[], input = ''): Promise<PromtoolResult> {
  const child = spawn(await promtool(), args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  const keep = (chunk: Buffer): void => void (output += chunk.toString());
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

async function program(name: string): Promise<string> {
  return await findOrInstall('prometheus', () =>
    (process.env['PATH'] ?? '')
      .split(delimiter)
      .filter((folder) => folder !== '')
      .map((folder) => join(folder, name))
      .find((path) => existsSync(path)),
  );
}
