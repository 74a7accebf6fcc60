import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CodeMemoryError } from '../../src/nodes/code/index.js';
import { pythonWithPandas } from '../support/python/index.js';
import { failureOf, runCode, runnerNamed } from './support/code-runners.js';
import { serveCodeTools, type CodeTools } from './support/code-tools.js';
import { peakMemoryOf } from './support/peak-memory.js';

const LARGEST_MB = 4_096;
const SMALL_MB = 128;
/** What pyodide's process has besides the memory limit: the wall that it promises. */
const BESIDES_MB = 384;

beforeAll(async () => await pythonWithPandas(), 300_000);

/** Programs that hold 300 MB, and what a process of their runner may hold besides the limit. */
const RUNNERS: readonly (readonly [runner: string, tool: 'python' | 'javascript', code: string, besidesMb: number])[] =
  [
    ['bwrap-python', 'python', `result = len(b'x' * (300 << 20)) >> 20`, 128],
    ['pyodide', 'python', `result = len(b'x' * (300 << 20)) >> 20`, BESIDES_MB],
    [
      'quickjs',
      'javascript',
      'var all = []; for (let i = 0; i < 300; i++) all.push(new Uint8Array(1 << 20).fill(1)); var result = all.length',
      128,
    ],
  ];

describe.each(RUNNERS)('memory_limit in %s', (runner, tool, code, besidesMb) => {
  let tools: CodeTools;

  beforeAll(async () => {
    const runners = runner === 'quickjs' ? [] : [runner as 'pyodide'];
    tools = await serveCodeTools({
      maxMemoryLimitMb: LARGEST_MB,
      python: { runners, poolSize: 0, pyodidePoolSize: 0 },
      javascript: { poolSize: 0 },
    });
  });
  afterAll(() => tools.close());

  it('[N3] lets a program of 300 MB run with 512 MB', async () => {
    const { value, text } = await tools[tool]({ code, memory_limit: 512 });
    expect(value, text).toMatchObject({
      result: 300,
      runner,
      isolation: expect.arrayContaining(['memory']) as unknown,
    });
  });

  it(`[N3] stops the same program at ${SMALL_MB} MB, and names the limit`, async () => {
    const { value, peakMb } = await peakMemoryOf(() => tools[tool]({ code, memory_limit: SMALL_MB }));
    expect(value).toMatchObject({ isError: true });
    expect(value.text).toContain(`more memory than its limit of ${SMALL_MB} MB`);
    expect(peakMb).toBeGreaterThan(30);
    expect(peakMb).toBeLessThan(SMALL_MB + besidesMb);
  });

  it('[N4] refuses more than the configuration allows, and less than an interpreter takes', async () => {
    const over = await tools[tool]({ code, memory_limit: LARGEST_MB + 1 });
    expect(over.text).toContain(`The memory limit of code must be more than 0 and at most ${LARGEST_MB} MB`);
    expect(await tools[tool]({ code, memory_limit: 16 })).toMatchObject({ isError: true });
  });
});

/** Ways to memory of JavaScript, which WebAssembly's own limit does not see. */
const BESIDES_WEBASSEMBLY: readonly (readonly [what: string, code: string])[] = [
  [
    'hands buffers to JavaScript',
    `from pyodide.ffi import to_js\nall = []\nwhile True: all.append(to_js(b'x' * (10 << 20)))`,
  ],
  ['writes one large file', `f = open('/tmp/x', 'wb')\nwhile True: f.write(b'x' * (8 << 20))`],
  [
    'writes many files',
    `n = 0\nwhile True:\n    n += 1\n    with open('/tmp/%d' % n, 'wb') as f: f.write(b'x' * (1 << 20))`,
  ],
];

describe('the memory of JavaScript in pyodide', () => {
  const runner = runnerNamed('pyodide', { maxMemoryLimitMb: LARGEST_MB, python: { pyodidePoolSize: 0 } });
  afterAll(() => runner.close());

  it.each(BESIDES_WEBASSEMBLY)("[N3] is bound by the job's own limit when it %s", async (_what, code) => {
    const limits = { memoryLimitMb: 64, timeoutMs: 25_000 };
    const { value, peakMb } = await peakMemoryOf(() => failureOf(runCode(runner, code, {}, limits)));
    expect(value).toBeInstanceOf(CodeMemoryError);
    expect(String(value)).toContain('its limit of 64 MB');
    expect(peakMb).toBeGreaterThan(200);
    expect(peakMb).toBeLessThan(64 + BESIDES_MB);
  });
});
