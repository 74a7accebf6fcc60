import { z } from 'zod';

const MIB = 1024 * 1024;

/** The keys of code nodes. */
export const codeOptions = z
  .strictObject({
    timeoutMs: z
      .int()
      .min(10)
      .default(30_000)
      .describe('Milliseconds that code may run when its node names no timeout; then it is killed.'),
    maxTimeoutMs: z.int().min(10).max(3_600_000).default(120_000).describe('The longest timeout that a node may name.'),
    memoryLimitMb: z
      .int()
      .min(32)
      .default(256)
      .describe('Mebibytes for code and its interpreter when its node names no limit; pandas itself takes about 70.'),
    maxMemoryLimitMb: z
      .int()
      .min(32)
      .max(65_536)
      .default(1_024)
      .describe('The largest memory limit that a node may name.'),
    maxInputBytes: z
      .int()
      .min(1_024)
      .default(32 * MIB)
      .describe('The most that a piece of code and its variables may measure together, as JSON.'),
    maxOutputBytes: z
      .int()
      .min(1_024)
      .default(10 * MIB)
      .describe('The most that a result may measure as JSON; code that prints more than this is killed.'),
    keepPrintedBytes: z
      .int()
      .min(0)
      .default(64 * 1024)
      .describe('How much of what code prints comes back with its result; the rest is counted.'),
    concurrency: z.int().min(1).max(256).default(2).describe('Pieces of code that run at once.'),
    maxQueue: z
      .int()
      .min(0)
      .default(32)
      .describe('Pieces of code that may wait for their turn; one more is refused as `overloaded`.'),
    maxWaitMs: z
      .int()
      .min(1)
      .max(600_000)
      .default(30_000)
      .describe('The longest that a piece of code waits for its turn and its sandbox, in milliseconds.'),
    cacheDirectory: z
      .string()
      .min(1)
      .default('data/code')
      .describe("Where pyodide's memory snapshot is kept (about 31 MB), mode 0700; made anew when it is missing."),
    python: z
      .strictObject({
        runners: z
          .array(z.enum(['bwrap-python', 'pyodide']))
          .max(2)
          .refine((names) => new Set(names).size === names.length, 'must not repeat a runner')
          .default(['bwrap-python', 'pyodide'])
          .describe('Which runners may be used, best first; the first that passes its self-test is. Empty: no Python.'),
        poolSize: z
          .int()
          .min(0)
          .max(64)
          .default(2)
          .describe('Sandboxes of bwrap-python kept ready, about 65 MB each; with 0 each call starts its own.'),
        pyodidePoolSize: z
          .int()
          .min(0)
          .max(64)
          .default(1)
          .describe('Sandboxes of pyodide kept ready, about 170 MB each; with 0 each call takes half a second longer.'),
        preload: z
          .array(z.string().regex(/^[A-Za-z_][\w.]*$/, 'must be the name of a Python module'))
          .default(['numpy', 'pandas', 'scipy.stats'])
          .describe('Modules that bwrap-python imports ahead of time, those of them that are installed.'),
        executable: z
          .string()
          .startsWith('/')
          .default('/usr/bin/python3')
          .describe('The Python of bwrap-python, by absolute path.'),
        bubblewrap: z.string().startsWith('/').default('/usr/bin/bwrap').describe('bubblewrap, by absolute path.'),
      })
      .prefault({})
      .describe('Python code.'),
    javascript: z
      .strictObject({
        enabled: z.boolean().default(true).describe('Whether JavaScript code may run, in QuickJS.'),
        poolSize: z.int().min(0).max(64).default(1).describe('Sandboxes of QuickJS kept ready, about 60 MB each.'),
      })
      .prefault({})
      .describe('JavaScript code.'),
  })
  .refine(({ timeoutMs, maxTimeoutMs }) => timeoutMs <= maxTimeoutMs, {
    path: ['timeoutMs'],
    message: 'must not exceed maxTimeoutMs',
  })
  .refine(({ memoryLimitMb, maxMemoryLimitMb }) => memoryLimitMb <= maxMemoryLimitMb, {
    path: ['memoryLimitMb'],
    message: 'must not exceed maxMemoryLimitMb',
  });

/** The keys of code nodes, complete. */
export type CodeOptions = z.output<typeof codeOptions>;
