/** What the child of {@link pyodideChild} gets as arguments. */
export type PyodideArguments = readonly [mode: 'serve' | 'snapshot', pyodideUrl: string, job: string, snapshot: string];

/** As much of pyodide as the child uses; `_makeSnapshot` and `_loadSnapshot` are experimental and not in its types. */
interface Pyodide {
  readonly version: string;
  readonly globals: Namespace;
  toPy(value: object): Namespace;
  runPython(code: string, options?: { readonly globals: Namespace }): unknown;
  unregisterJsModule(name: string): void;
  makeMemorySnapshot(): Uint8Array;
  setStdin(options: { readonly stdin: () => null }): void;
  setStdout(options: { readonly write: (bytes: Uint8Array) => number }): void;
  setStderr(options: { readonly write: (bytes: Uint8Array) => number }): void;
}

interface Namespace {
  get(name: string): (request: string) => string;
}

/** As much of WebAssembly as is needed; the types of the language alone do not know it. */
interface WebAssemblyObject {
  readonly Memory: { readonly prototype: { grow: (this: WebAssemblyMemory, pages: number) => number } };
  readonly RuntimeError: new () => Error;
}

interface WebAssemblyMemory {
  readonly buffer: ArrayBuffer;
}

/**
 * The program of a pyodide sandbox: it runs in a child process as text, so nothing outside of the function is in reach.
 *
 * Before foreign Python runs, every way from Python to JavaScript is shut: pyodide's JS modules are gone, so are
 * JavaScript's globals, and text is never compiled (a flag of the process). What a hole would still reach is a process
 * that may read pyodide's own folder and nothing else.
 */
export async function pyodideChild(load: (url: string) => Promise<never>): Promise<void> {
  const node = process;
  const [mode, pyodideUrl, job, snapshotPath] = node.argv.slice(1) as unknown as PyodideArguments;
  const stdin = node.stdin.setEncoding('utf8') as AsyncIterable<string>;
  const fs: typeof import('node:fs') = await load('node:fs');
  const { constants }: typeof import('node:os') = await load('node:os');
  const encoder = new TextEncoder();
  // Emscripten asks for it by the deprecated way, which the permission model refuses.
  Object.assign(node, { binding: () => ({ fs: fs.constants, os: constants }) });

  let capBytes = 1 << 30;
  const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyObject };
  const memory = WebAssembly.Memory.prototype;
  const { grow } = memory;
  memory.grow = function (this: WebAssemblyMemory, pages: number): number {
    if (this.buffer.byteLength + pages * 65_536 > capBytes) throw new RangeError('memory limit');
    return grow.call(this, pages);
  };

  const { loadPyodide }: { loadPyodide: (options: object) => Promise<Pyodide> } = await load(pyodideUrl);
  const jsglobals: object = Object.create(null) as object;
  const snapshot = mode === 'serve' && snapshotPath !== '' ? { _loadSnapshot: fs.readFileSync(snapshotPath) } : {};
  const pyodide = await loadPyodide({ jsglobals, ...(mode === 'snapshot' ? { _makeSnapshot: true } : snapshot) });
  const pause = new Int32Array(new SharedArrayBuffer(4));
  const write = (channel: number, bytes: Uint8Array): number => {
    for (let written = 0; written < bytes.length;) {
      try {
        written += fs.writeSync(channel, bytes, written);
      } catch (error) {
        // The pipe is full: whoever reads it has to catch up.
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
        Atomics.wait(pause, 0, 0, 1);
      }
    }
    return bytes.length;
  };
  if (mode === 'snapshot') {
    pyodide.runPython(
      'import ast, collections.abc, dataclasses, datetime, decimal, enum, functools, itertools, json, math, pathlib, re, statistics, types, uuid',
    );
    write(3, pyodide.makeMemorySnapshot());
    return;
  }

  const space = pyodide.toPy({});
  pyodide.runPython(job, { globals: space });
  const run = space.get('run');
  pyodide.setStdin({ stdin: () => null });
  pyodide.setStdout({ write: (bytes) => write(1, bytes) });
  pyodide.setStderr({ write: (bytes) => write(2, bytes) });
  for (const name of ['js', 'pyodide_js']) pyodide.unregisterJsModule(name);
  pyodide.runPython(
    "import sys\nsys.set_int_max_str_digits(0)\nfor name in ('js', 'pyodide_js'):\n    sys.modules.pop(name, None)\ndel sys, name",
  );
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    if (
      /^(process|fetch|require|module|Buffer|WebSocket|EventSource|Worker|MessageChannel|MessagePort|BroadcastChannel|navigator|performance|global|Request|Response|Headers|FormData|Blob|crypto|queueMicrotask|structuredClone|setImmediate)$/.test(
        name,
      ) &&
      name !== 'performance' &&
      name !== 'crypto'
    ) {
      Reflect.deleteProperty(globalThis, name);
    }
  }

  write(
    3,
    encoder.encode(`${JSON.stringify({ pyodide: pyodide.version, snapshot: snapshotPath === '' ? 'no' : 'yes' })}\n`),
  );
  let input = '';
  for await (const chunk of stdin) input += chunk;
  if (input === '') node.exit(0);
  const headEnd = input.indexOf('\n');
  const [nonce = '', , memoryLimitMb = '0'] = input.slice(0, headEnd).split(' ');
  const request = input.slice(headEnd + 1);
  capBytes = Number(memoryLimitMb) * 1024 * 1024;
  const answer = encoder.encode(run(request));
  const mark = encoder.encode(nonce);
  write(1, mark);
  write(2, mark);
  write(3, encoder.encode(`${nonce} ${answer.length} 12\n`));
  write(3, answer);
  // The server ends this process; what may still be running in it has no time left.
  Atomics.wait(pause, 0, 0);
}
