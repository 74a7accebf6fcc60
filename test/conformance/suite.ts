import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { newerNode } from './newer-node.js';

const longestRun = 240_000;

/** How a run of a suite's command line ended. */
export interface SuiteRun {
  /** `null` when it took too long. */
  readonly code: number | null;
  readonly output: string;
}

/** Runs the command line of the suite that is installed in `folder`. */
export async function runSuite(folder: string, ...parameters: readonly string[]): Promise<SuiteRun> {
  const script = join(folder, 'node_modules/@modelcontextprotocol/conformance/dist/index.js');
  const child = spawn(newerNode(folder), [script, ...parameters], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: longestRun,
  });
  let output = '';
  const hear = (chunk: string): void => void (output += chunk);
  child.stdout.setEncoding('utf8').on('data', hear);
  child.stderr.setEncoding('utf8').on('data', hear);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}
