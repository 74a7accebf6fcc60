import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { amtool, promtool } from './programs.js';

/** How a tool ended, with everything it said. */
export interface ToolResult {
  readonly code: number | null;
  readonly output: string;
}

/** Runs `promtool` with something on its stdin: `promtool check metrics` reads what a server answered. */
export async function runPromtool(args: readonly string[], input = ''): Promise<ToolResult> {
  return await run(await promtool(), args, input);
}

/** Runs `amtool`. */
export async function runAmtool(args: readonly string[]): Promise<ToolResult> {
  return await run(await amtool(), args, '');
}

async function run(command: string, args: readonly string[], input: string): Promise<ToolResult> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  const keep = (chunk: Buffer): void => void (output += chunk.toString());
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}
