import { readdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  BubblewrapPythonRunner,
  CodeInputError,
  CodeRunners,
  CodeTimeoutError,
  NoRunnerError,
  PyodideRunner,
} from '../../src/nodes/code/index.js';
import { pythonWithPandas } from '../support/python/index.js';
import { descendants, failureOf, optionsForTests, runCode, runnerNamed } from './support/code-runners.js';

beforeAll(async () => await pythonWithPandas(), 300_000);

const openFiles = (): number => readdirSync('/proc/self/fd').length;
const temporary = (): readonly string[] => readdirSync('/tmp').filter((name) => /pyodide|bwrap|snapshot/.test(name));

describe('a runner of code', () => {
  it('[N3] leaves nothing of a sandbox that is killed while it starts', async () => {
    for (let delay = 0; delay < 20; delay++) {
      const runner = runnerNamed('bwrap-python', { python: { preload: [] } });
      const warm = runner.warm();
      await sleep(delay);
      await runner.close();
      await warm;
    }
    expect(descendants()).toEqual([]);
  });

  it('[N3] leaves no process, descriptor, listener or file behind after 200 runs', { timeout: 240_000 }, async () => {
    const runners = new CodeRunners(optionsForTests({ python: { poolSize: 1, preload: [] } }));
    await runners.start();
    const controller = new AbortController();
    const { signal } = controller;
    const once = async (index: number): Promise<unknown> =>
      index % 10 === 9
        ? await failureOf(
            runners.run({ language: 'python', code: 'while True: pass', variables: {}, timeoutMs: 50, signal }),
          )
        : (await runners.run({ language: 'python', code: 'result = n * 2', variables: { n: index }, signal })).result;
    await once(0);
    const [files, left] = [openFiles(), temporary()];
    for (let index = 0; index < 200; index++) {
      expect(await once(index)).toEqual(index % 10 === 9 ? expect.any(CodeTimeoutError) : index * 2);
    }
    await runners.close();
    expect(descendants()).toEqual([]);
    expect(openFiles()).toBeLessThanOrEqual(files);
    expect(temporary()).toEqual(left);
    expect(runners.load).toEqual({ running: 0, waiting: 0 });
  });
});

describe('CodeRunners', () => {
  it(
    '[N3] uses the first runner that passes its self-test, and says what became of the others',
    { timeout: 60_000 },
    async () => {
      const runners = new CodeRunners(optionsForTests({ python: { bubblewrap: '/nowhere/bwrap' } }));
      await runners.start();
      const reports = Object.fromEntries(runners.report().map((report) => [report.name, report]));
      expect(reports).toMatchObject({
        'bwrap-python': { state: 'refused', selfTest: { reason: expect.stringContaining('install') as string } },
        pyodide: { state: 'used', selfTest: { passed: true } },
        quickjs: { state: 'used' },
      });
      await runners.close();
    },
  );

  it('[N3] refuses code when no runner works, and says what to install', async () => {
    const options = optionsForTests({
      python: { runners: ['bwrap-python'], bubblewrap: '/nowhere/bwrap' },
      javascript: { enabled: false },
    });
    const runners = new CodeRunners(options);
    const failure = await failureOf(runners.run({ language: 'python', code: 'result = 1', variables: {} }));
    expect(failure).toBeInstanceOf(NoRunnerError);
    expect(String(failure)).toContain('/nowhere/bwrap is missing: install the package bubblewrap');
    expect(String(await failureOf(runners.run({ language: 'javascript', code: '1', variables: {} })))).toContain(
      'switched off',
    );
    await runners.close();
  });

  it('[N4] refuses limits, names and values that cannot be', async () => {
    const runners = new CodeRunners(optionsForTests({ python: { runners: ['pyodide'] }, maxInputBytes: 2_048 }));
    const run = async (variables: Record<string, unknown>, limits: object = {}): Promise<unknown> =>
      await failureOf(runners.run({ language: 'python', code: 'result = 1', variables, ...limits }));
    for (const failure of [
      await run({ 'a-b': 1 }),
      await run({ class: 1 }),
      await run({ __builtins__: 1 }),
      await run({ a: new Map() }),
      await run({ a: () => 1 }),
      await run({ a: 'x'.repeat(4_000) }),
      await run({}, { timeoutMs: 1e9 }),
      await run({}, { memoryLimitMb: -1 }),
    ]) {
      expect(failure).toBeInstanceOf(CodeInputError);
    }
    await runners.close();
  });

  it('[N3] lets only so many wait', async () => {
    const runners = new CodeRunners(optionsForTests({ concurrency: 1, maxQueue: 1, python: { runners: [] } }));
    const job = { language: 'javascript', code: 'for (;;);', variables: {}, timeoutMs: 500 } as const;
    await runners.start();
    const failures = await Promise.all([1, 2, 3].map(async () => await failureOf(runners.run(job))));
    expect(failures.map((failure) => (failure as { code: string }).code).toSorted()).toEqual([
      'overloaded',
      'timeout',
      'timeout',
    ]);
    await runners.close();
  });

  it('[N4] runs JavaScript: the variable result, or the last value', async () => {
    const runner = runnerNamed('quickjs');
    const cases: readonly (readonly [code: string, result: unknown])[] = [
      ['var result = n + 1', 3],
      ['const result = { n }', { n: 2 }],
      ['[n, 0 / 0, 10n ** 20n, 3n]', [2, null, '100000000000000000000', 3]],
      ['text', '\u0000\ud800😀'],
      ['Promise.resolve(4)', 4],
      ['new Map([["a", new Set([1])]])', { a: [1] }],
    ];
    for (const [code, result] of cases) {
      expect((await runCode(runner, code, { n: 2, text: '\u0000\ud800😀' })).result).toEqual(result);
    }
    expect(await runCode(runner, 'console.log("a", {b: 1}); 1')).toMatchObject({ stdout: 'a {"b":1}\n', notes: [] });
    expect(await failureOf(runCode(runner, 'var a = 1;\nnull.x'))).toMatchObject({
      fault: { type: 'TypeError', line: 2 },
    });
    expect(await failureOf(runCode(runner, 'var a = ;'))).toMatchObject({ fault: { type: 'SyntaxError', line: 1 } });
    expect(await failureOf(runCode(runner, 'Math.max'))).toMatchObject({ fault: { type: 'NotSerialisable' } });
    await runner.close();
  });
});

describe('without what a runner needs', () => {
  it('[N3] a Python that is not there fails the self-test', async () => {
    const runner = new BubblewrapPythonRunner(optionsForTests({ python: { executable: '/nowhere/python3' } }));
    expect(await runner.selfTest()).toMatchObject({
      passed: false,
      reason: expect.stringContaining('/nowhere/python3') as string,
    });
  });

  it('[N3] pyodide starts without a snapshot when it cannot keep one', { timeout: 60_000 }, async () => {
    const runner = new PyodideRunner(
      optionsForTests({ cacheDirectory: '/dev/null/cache', python: { pyodidePoolSize: 0 } }),
    );
    expect((await runCode(runner, 'result = 1', {}, { timeoutMs: 10_000 })).result).toBe(1);
    await runner.close();
  });
});
