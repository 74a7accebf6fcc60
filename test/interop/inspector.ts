import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { newerNode } from '../conformance/newer-node.js';
import { repository } from '../perf/repository.js';

const longestRun = 60_000;

/** The folder whose lockfile names the MCP Inspector. */
export const inspectorFolder = join(repository, 'test/interop/inspector');

/** How one run of the Inspector ended. */
export interface Inspection {
  /** `null` when it took too long. */
  readonly code: number | null;
  /** The values that it printed, one a line. */
  readonly printed: readonly unknown[];
  readonly errors: string;
}

/**
 * Runs the command line of the MCP Inspector, which is not installed by this. What it keeps for the next time goes to
 * the folder `home`.
 */
export async function inspect(home: string, parameters: readonly string[]): Promise<Inspection> {
  const script = join(inspectorFolder, 'node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js');
  const { PATH } = process.env;
  const child = spawn(newerNode(inspectorFolder), [script, '--cli', ...parameters, '--format', 'json', '--quiet'], {
    cwd: repository,
    env: { PATH, HOME: home },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: longestRun,
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  const lines = output.split('\n').filter((line) => line !== '');
  return { code, printed: lines.map((line): unknown => JSON.parse(line)), errors };
}
