import { beforeAll, describe, expect, it } from 'vitest';
import { CodeTimeoutError } from '../../src/nodes/code/index.js';
import { descendants, failureOf, runCode, runnerNamed } from '../e2e/support/code-runners.js';
import { pythonWithPandas } from '../support/python/index.js';

beforeAll(async () => await pythonWithPandas(), 300_000);

describe('a runner of code', () => {
  it.each(['bwrap-python', 'pyodide', 'quickjs'])(
    '[N3] %s: an endless loop is gone within 200 ms of its timeout',
    async (name) => {
      const runner = runnerNamed(name);
      const loop = runner.language === 'python' ? 'while True: pass' : 'for (;;);';
      const times: number[] = [];
      for (let attempt = 0; attempt < 3; attempt++) {
        await runner.warm();
        const began = performance.now();
        const failure = await failureOf(runCode(runner, loop, {}, { timeoutMs: 400 }));
        times.push(performance.now() - began);
        expect(failure).toBeInstanceOf(CodeTimeoutError);
      }
      // What is promised is seen when the processor is there.
      expect(Math.min(...times)).toBeLessThan(600);
      await runner.close();
      expect(descendants()).toEqual([]);
    },
  );

  it.each(['bwrap-python', 'pyodide', 'quickjs'])('[N3] %s: an aborted call is killed at once', async (name) => {
    const runner = runnerNamed(name);
    await runner.warm();
    const controller = new AbortController();
    const loop = runner.language === 'python' ? 'while True: pass' : 'for (;;);';
    const failure = failureOf(runCode(runner, loop, {}, { signal: controller.signal }));
    setTimeout(() => controller.abort(), 100);
    const began = performance.now();
    expect(await failure).toMatchObject({ code: 'cancelled' });
    expect(performance.now() - began).toBeLessThan(400);
    await runner.close();
    expect(descendants()).toEqual([]);
  });

  it('[N3] a prewarmed call costs at most 25 ms over its own run time', async () => {
    const runner = runnerNamed('bwrap-python', { python: { poolSize: 1 } });
    const timed = `import time\nbegan = time.perf_counter()\nx = sum(range(100000))\nresult = (time.perf_counter() - began) * 1000`;
    const overheads: number[] = [];
    for (let attempt = 0; attempt < 7; attempt++) {
      await runner.warm();
      const began = performance.now();
      const { result } = await runCode(runner, timed);
      overheads.push(performance.now() - began - Number(result));
    }
    expect(overheads.toSorted((a, b) => a - b)[3]).toBeLessThan(25);
    await runner.close();
  });
});
