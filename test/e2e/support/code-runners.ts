import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BubblewrapPythonRunner,
  PyodideRunner,
  QuickJsRunner,
  codeOptions,
  type CodeJob,
  type CodeOptions,
  type CodeResult,
  type CodeRunner,
} from '../../../src/nodes/code/index.js';

/** Complete options with a cache folder that tests share, as a snapshot takes seconds to make. */
export function optionsForTests(changes: object = {}): CodeOptions {
  return codeOptions.parse({ cacheDirectory: join(tmpdir(), 'rookery-code-cache'), ...changes });
}

/** A new runner by its name. */
export function runnerNamed(
  name: string,
  changes: object = {},
): BubblewrapPythonRunner | PyodideRunner | QuickJsRunner {
  const options = optionsForTests(changes);
  if (name === 'quickjs') return new QuickJsRunner(options);
  return name === 'pyodide' ? new PyodideRunner(options) : new BubblewrapPythonRunner(options);
}

/** Runs code with limits that fit most tests. */
export async function runCode(
  runner: CodeRunner,
  code: string,
  variables: Readonly<Record<string, unknown>> = {},
  limits: Partial<CodeJob> = {},
): Promise<CodeResult> {
  return await runner.run({
    language: runner.language,
    code,
    variables,
    timeoutMs: 15_000,
    memoryLimitMb: 256,
    ...limits,
  });
}

/** What it throws; undefined when it succeeds. */
export async function failureOf(run: Promise<unknown>): Promise<unknown> {
  return await run.then(
    () => undefined,
    (error: unknown) => error,
  );
}

/** The processes below this one, sandboxes of all depths included, by their command's beginning. */
export function descendants(root = process.pid): readonly number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (state !== 'Z') parents.set(Number(entry), Number(parent));
    } catch {
      // It ended while we looked.
    }
  }
  const below = (pid: number): readonly number[] =>
    [...parents].filter(([, parent]) => parent === pid).flatMap(([child]) => [child, ...below(child)]);
  return below(root);
}

/** A folder that is removed again. */
export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'rookery-code-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
