import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CodeError } from '../../src/nodes/code/index.js';
import { pythonWithPandas } from '../support/python/index.js';
import { GUIDE_PYTHON } from './support/guide-python.js';
import { failureOf, runCode, runnerNamed } from './support/code-runners.js';

beforeAll(async () => await pythonWithPandas(), 300_000);

/** Code that must give this result; the result is compared as JSON. */
const PROGRAMS: readonly (readonly [what: string, code: string, result: unknown])[] = [
  [
    'an indented block',
    `\n        total = 0\n        for n in [1, 2]:\n            total += n\n        result = total\n        `,
    3,
  ],
  ['indentation by tabs', `\t\tif True:\n\t\t\tresult = 1`, 1],
  ['text left of an indented block', `    text = """a\nb"""\n    result = text`, 'a\nb'],
  ['a comment left of an indented block', `# first\n    result = 2`, 2],
  ['windows line ends', `a = 1\r\nresult = a`, 1],
  ['comprehensions over globals', `k = 3\nresult = [k * n for n in range(3) if n < k]`, [0, 3, 6]],
  ['recursion', `def f(n): return 1 if n < 2 else n * f(n - 1)\nresult = f(10)`, 3_628_800],
  [
    'functions in functions',
    `def outer():\n    def inner(): return counter\n    return inner()\ncounter = 7\nresult = outer()`,
    7,
  ],
  [
    'classes and dataclasses',
    `from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\n    y: 'int' = 2\nresult = P(1)`,
    { x: 1, y: 2 },
  ],
  [
    'imports of the standard library',
    `import statistics, re\nresult = [statistics.median([1, 2, 9]), re.sub('a', 'b', 'aa')]`,
    [2, 'bb'],
  ],
  ['global statements', `n = 0\ndef f():\n    global n\n    n += 1\nf(); f()\nresult = n`, 2],
  ['asyncio', `import asyncio\nasync def f(): return 5\nresult = asyncio.run(f()) if True else 0`, 5],
  ['tuples, sets, ranges', `result = (1, {3, 2}, range(2), frozenset('a'))`, [1, [2, 3], [0, 1], ['a']]],
  [
    'dates',
    `import datetime as d\nresult = [d.date(2026, 1, 2), d.datetime(2026, 1, 2, 3), d.timedelta(minutes=1)]`,
    ['2026-01-02', '2026-01-02T03:00:00', 60],
  ],
  [
    'keys that are numbers',
    `result = {1: 'a', 2.5: 'b', None: 'c', True: 'd'} if False else {2: 'a', 2.5: 'b', None: 'c'}`,
    { 2: 'a', '2.5': 'b', null: 'c' },
  ],
  [
    'enums, paths, uuids',
    `import enum, pathlib, uuid\nclass E(enum.Enum): A = 'x'\nresult = [E.A, pathlib.PurePath('a/b'), uuid.UUID(int=1)]`,
    ['x', 'a/b', '00000000-0000-0000-0000-000000000001'],
  ],
];

/** Values that JSON cannot carry, what becomes of them, and the note that says so. */
const LOSSES: readonly (readonly [code: string, result: unknown, note: RegExp])[] = [
  [`result = [float('nan'), float('inf'), -float('inf'), 1.5]`, [null, null, null, 1.5], /became null/],
  [
    `result = [2 ** 53 - 1, 2 ** 53, -10 ** 30]`,
    [2 ** 53 - 1, '9007199254740992', `-1${'0'.repeat(30)}`],
    /became strings/,
  ],
  [`import decimal\nresult = decimal.Decimal('1.10')`, '1.10', /Decimal/],
  [`x = 1`, null, /did not set the variable result/],
];

const FAULTS: readonly (readonly [code: string, type: string, message: RegExp, line: number | undefined])[] = [
  [`x = 1\ny = (`, 'SyntaxError', /never closed/, 2],
  [`    a = 1\n    b = a +\n`, 'SyntaxError', /invalid syntax/, 2],
  [`    t = """\nx"""\n    b = a +\n`, 'SyntaxError', /invalid syntax/, 3],
  [`if True:\nx = 1`, 'IndentationError', /expected an indented block/, 2],
  [`a = 1\n\ndef f():\n    return [][0]\n\nf()`, 'IndexError', /list index out of range/, 4],
  [`import json\njson.loads('{')`, 'JSONDecodeError', /Expecting property name/, 2],
  [`class Own(Exception): pass\nraise Own('x' * 100000)`, 'Own', /^x{2000}…$/, 2],
  [`import nothing_like_it`, 'ModuleNotFoundError', /No module named 'nothing_like_it'/, 1],
  [`def f(): f()\nf()`, 'RecursionError', /recursion/, 1],
  [`import sys\nsys.exit(3)`, 'SystemExit', /asked its process to end/, 2],
  [`result = {'a': [1, object()]}`, 'NotSerialisable', /^result\['a'\]\[1\] is of type object/, undefined],
  [`result = b'x'`, 'NotSerialisable', /type bytes/, undefined],
  [`result = (n for n in [])`, 'NotSerialisable', /type generator/, undefined],
  [`result = 1 + 2j`, 'NotSerialisable', /type complex/, undefined],
  [`result = {(1, 2): 3}`, 'NotSerialisable', /key of type tuple/, undefined],
  [`result = []\nresult.append(result)`, 'NotSerialisable', /contains itself/, undefined],
  [`result = {1: 1, '1': 2}`, 'NotSerialisable', /two keys/, undefined],
];

const TEXTS: readonly (readonly [what: string, text: string])[] = [
  ['nothing', ''],
  ['NUL and control characters', '\u0000a\u0001\u001f\u007f\u2028\u2029'],
  ['lone surrogates', '\ud800 \udfff x\ud83d'],
  ['emoji and scripts', '😀👩‍👩‍👧 ქართული العربية 漢字 e\u0301'],
  ['what looks like code', `'''"""\\n\\u0041 {x} %s \${y} \`z\` \\`],
  ['one megabyte', 'ab😀c'.repeat(175_000)],
];

describe.each(['bwrap-python', 'pyodide'])('Python in %s', (name) => {
  const runner = runnerNamed(name);
  const run = async (code: string, variables = {}): Promise<unknown> => (await runCode(runner, code, variables)).result;

  afterAll(async () => await runner.close());

  it.each(PROGRAMS.filter(([what]) => name !== 'pyodide' || what !== 'asyncio'))(
    '[N4] runs %s',
    async (_what, code, result) => {
      expect(await run(code)).toEqual(result);
    },
  );

  it.each(LOSSES)('[N4] says what became of values: %s', async (code, result, note) => {
    const answer = await runCode(runner, code);
    expect(answer.result).toEqual(result);
    expect(answer.notes).toEqual([expect.stringMatching(note)]);
  });

  it.each(FAULTS)('[N4] tells type, message and line: %s', async (code, type, message, line) => {
    const failure = await failureOf(runCode(runner, code));
    expect(failure).toBeInstanceOf(CodeError);
    const { fault } = failure as CodeError;
    expect(fault).toMatchObject({ type, message: expect.stringMatching(message) as string });
    expect(fault.line).toBe(line);
    expect(JSON.stringify((failure as CodeError).details)).not.toMatch(/\/usr|\/lib|\/work|\/tmp/);
    expect(JSON.stringify(fault).length).toBeLessThan(10_000);
  });

  it.each(TEXTS)('[N4] hands on texts unchanged: %s', async (_what, text) => {
    expect(await run('result = {"back": text, "size": len(text)}', { text })).toMatchObject({ back: text });
  });

  it('[N4] makes open inputs variables, and says what JSON could not carry', async () => {
    const answer = await runCode(runner, 'result = [a, b["c"], d]', { a: 1, b: { c: [null, true] }, d: NaN });
    expect(answer.result).toEqual([1, [null, true], null]);
    expect(answer.notes).toEqual(['Values that are not numbers (NaN, infinity) became null.']);
  });

  it('[N3] gives every call a new process', async () => {
    await run('import builtins\nbuiltins.left = 1\nresult = 0');
    expect(await run('import builtins\nresult = hasattr(builtins, "left")')).toBe(false);
  });

  it('[N3] keeps the beginning of what is printed, and names runner and isolation', async () => {
    const answer = await runCode(runner, `import sys\nprint('é' * 50000)\nprint('oops', file=sys.stderr)\nresult = 1`);
    expect(answer).toMatchObject({ result: 1, runner: name, truncated: { stdout: 100_001 }, stderr: 'oops\n' });
    expect(answer.stdout).toBe('é'.repeat(32_768));
    expect(answer.isolation).toEqual(expect.arrayContaining(['files', 'environment', 'network', 'memory', 'time']));
  });
});

/** What the packages of scientific Python leave in `result`. */
const SCIENTIFIC: readonly (readonly [what: string, code: string, result: unknown])[] = [
  ['NumPy scalars', 'result = [np.int64(3), np.float32(0.5), np.bool_(True), np.str_("x")]', [3, 0.5, true, 'x']],
  [
    'NumPy arrays',
    'result = np.arange(4).reshape(2, 2)',
    [
      [0, 1],
      [2, 3],
    ],
  ],
  ['NumPy dates', 'result = np.array(["2026-01-02"], dtype="datetime64[D]")', ['2026-01-02']],
  ['a Timestamp', 'result = pd.Timestamp("2026-01-02 03:04")', '2026-01-02T03:04:00'],
  [
    'a DataFrame',
    'result = pd.DataFrame({"a": [1, 2], "b": ["x", None]})',
    [
      { a: 1, b: 'x' },
      { a: 2, b: null },
    ],
  ],
  ['a Series', 'result = pd.Series([1, 2])', [1, 2]],
  ['a Series with an index', 'result = pd.Series([1, 2], index=["a", "b"])', { a: 1, b: 2 }],
  [
    'a grouped Series',
    'result = pd.DataFrame({"k": [1, 1, 2], "v": [1, 2, 3]}).groupby("k")["v"].sum()',
    { 1: 3, 2: 3 },
  ],
  ['an Index, a Categorical', 'result = [pd.Index([1]), pd.Categorical(["a"])]', [[1], ['a']]],
  ['keys of NumPy', 'result = {np.int64(1): np.int64(2)}', { 1: 2 }],
];

describe('pandas, NumPy and SciPy in bwrap-python', () => {
  const runner = runnerNamed('bwrap-python');
  const run = async (code: string, variables = {}): Promise<unknown> => (await runCode(runner, code, variables)).result;

  afterAll(async () => await runner.close());

  it.each(SCIENTIFIC)('[N4] gives back %s', async (_what, code, result) => {
    expect(await run(`import numpy as np, pandas as pd\n${code}`)).toEqual(result);
  });

  it('[N4] says once that missing values became null', async () => {
    const code =
      'import pandas as pd, numpy as np\nresult = [pd.NaT, pd.NA, np.nan, np.datetime64("NaT"), pd.Timestamp(0)]';
    const answer = await runCode(runner, code);
    expect(answer.result).toEqual([null, null, null, null, '1970-01-01T00:00:00']);
    expect(answer.notes).toHaveLength(1);
  });

  const data = [
    { region: 'north', sales: 10, cost: 4 },
    { region: 'north', sales: 10, cost: 4 },
    { region: null, sales: 30, cost: 11 },
    { region: 'south', sales: null, cost: 9 },
  ];
  const cleaned = [
    { region: 'north', sales: 10, cost: 4 },
    { region: 'north', sales: 30, cost: 11 },
    { region: 'south', sales: 20, cost: 9 },
  ];

  it("[N3] runs the guide's data cleaner", async () => {
    expect(await run(GUIDE_PYTHON.dataCleaner, { data })).toEqual({
      cleaned_data: cleaned,
      cleaning_summary: { original_rows: 4, cleaned_rows: 3, duplicates_removed: 1, columns_processed: 3 },
    });
  });

  it("[N4] reports the fault of the guide's data cleaner on a table without texts", async () => {
    const failure = await failureOf(run(GUIDE_PYTHON.dataCleaner, { data: [{ a: 1 }, { a: 2 }] }));
    const text = 'df[categorical_columns] = df[categorical_columns].fillna(df[categorical_columns].mode().iloc[0])';
    expect(failure).toMatchObject({ fault: { type: 'IndexError', text } });
    const { line = 0 } = (failure as CodeError).fault;
    expect(GUIDE_PYTHON.dataCleaner.split('\n')[line - 1]?.trim()).toBe(text);
  });

  it("[N3] runs the guide's statistical analyzer", async () => {
    expect(await run(GUIDE_PYTHON.statisticalAnalyzer, { cleaned_data: cleaned })).toMatchObject({
      statistics: {
        sales: { mean: 20, median: 20, std: 10, min: 10, max: 30, kurtosis: expect.closeTo(-1.5, 9) as number },
      },
      data_shape: [3, 3],
      numeric_columns: ['sales', 'cost'],
      categorical_columns: ['region'],
    });
  });

  it("[N3] runs the guide's correlation analyzer", async () => {
    const result = await run(GUIDE_PYTHON.correlationAnalyzer, { cleaned_data: cleaned });
    expect(result).toMatchObject({
      correlation_summary: { total_pairs: 1, strong_correlations_count: 1 },
      strong_correlations: [{ var1: 'sales', var2: 'cost', correlation: expect.closeTo(0.9707, 3) as number }],
    });
  });
});
