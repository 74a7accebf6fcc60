import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SelfTest, SelfTestResult } from '../../core/index.js';
import type { CodeLanguage, CodeRunner } from './code-runner.js';
import { configuredRunners } from './code-runners.js';
import type { CodeOptions } from './code.options.js';

/** Starting pyodide without a snapshot of its memory takes most of it. */
const TIMEOUT_MS = 60_000;

const LANGUAGES: Readonly<Record<CodeLanguage, { readonly name: string; readonly otherwise: string }>> = {
  python: { name: 'Python', otherwise: 'take it out of nodes.code.python.runners' },
  javascript: { name: 'JavaScript', otherwise: 'set nodes.code.javascript.enabled to false' },
};

/**
 * The self-tests of the configured runners of foreign code, each under the name of its runner. They start sandboxes of
 * their own, one after the other of a runner, and leave nothing behind. One that does not pass is `unavailable` where
 * another runner of its language is configured, and `failed` where none is.
 */
export function codeSelfTests(options: CodeOptions): readonly SelfTest[] {
  const runners = configuredRunners(options);
  return runners.map(({ name, language }) => ({
    name,
    timeoutMs: TIMEOUT_MS,
    run: async (signal) => {
      const alone = runners.filter((other) => other.language === language).length === 1;
      return await tried(name, options, alone, signal);
    },
  }));
}

async function tried(name: string, options: CodeOptions, alone: boolean, signal: AbortSignal): Promise<SelfTestResult> {
  const cacheDirectory = await mkdtemp(join(tmpdir(), 'rookery-self-test-'));
  const runner = configuredRunners(withoutPools(options, cacheDirectory)).find((each) => each.name === name);
  if (runner === undefined) throw new Error(`There is no runner "${name}".`);
  const stop = (): void => void runner.close();
  signal.addEventListener('abort', stop);
  try {
    return resultOf(runner, await runner.selfTest(), alone);
  } finally {
    signal.removeEventListener('abort', stop);
    await runner.close();
    await rm(cacheDirectory, { recursive: true, force: true });
  }
}

function withoutPools(options: CodeOptions, cacheDirectory: string): CodeOptions {
  const { python, javascript } = options;
  return {
    ...options,
    cacheDirectory,
    python: { ...python, poolSize: 0, pyodidePoolSize: 0 },
    javascript: { ...javascript, poolSize: 0 },
  };
}

function resultOf(
  runner: CodeRunner,
  result: Awaited<ReturnType<CodeRunner['selfTest']>>,
  alone: boolean,
): SelfTestResult {
  const { name, otherwise } = LANGUAGES[runner.language];
  if (result.passed) {
    const kept = result.isolation.join(', ');
    return { outcome: 'passed', message: `${runner.name} runs ${name} code and keeps it from ${kept}.` };
  }
  const remedy = alone
    ? `Do what it says, or ${otherwise}. Until then ${name} code is refused.`
    : `Do what it says, or ${otherwise}. Until then ${name} code runs in another runner that passes, or is refused.`;
  return { outcome: alone ? 'failed' : 'unavailable', message: result.reason, remedy };
}
