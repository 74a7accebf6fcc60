import type { QuickJSContext, QuickJSHandle, QuickJSRuntime } from 'quickjs-emscripten';

/** What the child gets as arguments. */
export type QuickJsArguments = readonly [quickJsUrl: string, guest: string];

/** The request as `jobRequest` writes it. */
interface Request {
  readonly code: string;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly max: number;
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
 * The program of a QuickJS sandbox: it runs in a child process as text, so nothing outside of the function is in reach.
 * QuickJS gets no function of this process but one that prints. Its memory is limited twice: QuickJS counts what it
 * allocates, and WebAssembly's memory can't grow past the limit.
 */
export async function quickJsChild(load: (url: string) => Promise<never>): Promise<void> {
  const [url, guest] = process.argv.slice(1) as unknown as QuickJsArguments;
  const fs: typeof import('node:fs') = await load('node:fs');
  const encoder = new TextEncoder();
  const pause = new Int32Array(new SharedArrayBuffer(4));
  const write = (channel: number, bytes: Uint8Array): void => {
    for (let written = 0; written < bytes.length;) {
      try {
        written += fs.writeSync(channel, bytes, written);
      } catch (error) {
        // The pipe is full: whoever reads it has to catch up.
        if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
        Atomics.wait(pause, 0, 0, 1);
      }
    }
  };

  let capBytes = 1 << 30;
  const { WebAssembly } = globalThis as unknown as { readonly WebAssembly: WebAssemblyObject };
  const memory = WebAssembly.Memory.prototype;
  const { grow } = memory;
  memory.grow = function (this: WebAssemblyMemory, pages: number): number {
    if (this.buffer.byteLength + pages * 65_536 > capBytes) throw new RangeError('memory limit');
    return grow.call(this, pages);
  };

  const { getQuickJS }: typeof import('quickjs-emscripten') = await load(url);
  const runtime: QuickJSRuntime = (await getQuickJS()).newRuntime();
  const context: QuickJSContext = runtime.newContext();
  write(3, encoder.encode(`${JSON.stringify({ node: process.version })}\n`));

  let input = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) input += String(chunk);
  if (input === '') process.exit(0);
  const headEnd = input.indexOf('\n');
  const [nonce = '', , memoryLimitMb = '0', seconds = '0'] = input.slice(0, headEnd).split(' ');
  const { code, variables, max } = JSON.parse(input.slice(headEnd + 1)) as Request;
  input = '';
  capBytes = Number(memoryLimitMb) * 1024 * 1024;
  runtime.setMemoryLimit(capBytes);
  runtime.setMaxStackSize(256 * 1024);
  const deadline = Date.now() + Number(seconds) * 1000;
  runtime.setInterruptHandler(() => Date.now() > deadline);

  const print = context.newFunction('print', (channel, text) => {
    write(context.getNumber(channel) === 2 ? 2 : 1, encoder.encode(context.getString(text)));
  });
  const prepared = context.unwrapResult(context.evalCode(guest, 'guest.js'));
  const encode = context.unwrapResult(context.callFunction(prepared, context.undefined, print));

  const fault = (error: QuickJSHandle): object => {
    const { name, message, stack } = (context.dump(error) ?? {}) as Record<string, unknown>;
    const text = typeof message === 'string' ? message : String(context.dump(error));
    if (name === 'InternalError' && text === 'out of memory') return { kind: 'memory' };
    if (name === 'InternalError' && text === 'interrupted') return { kind: 'timeout' };
    const frames = (typeof stack === 'string' ? stack : '').split('\n').filter((frame) => frame.includes('code.js:'));
    const line = Number(/code\.js:(\d+)/.exec(frames[0] ?? '')?.[1] ?? 0);
    return {
      kind: 'error',
      fault: {
        type: typeof name === 'string' ? name.slice(0, 200) : 'Error',
        message: text.slice(0, 2_000),
        ...(line > 0 ? { line, text: (code.split('\n')[line - 1] ?? '').trim().slice(0, 200) } : {}),
        traceback: frames.slice(0, 20).map((frame) => frame.trim().replace('code.js:', 'line ').slice(0, 300)),
      },
    };
  };

  const answerOf = (): string => {
    const names = context.newString(JSON.stringify(variables));
    context.setProp(context.global, '__variables', names);
    const given = context.evalCode(
      'Object.assign(globalThis, JSON.parse(__variables)); delete globalThis.__variables',
      'guest.js',
    );
    if (given.error) return JSON.stringify(fault(given.error));
    const ran = context.evalCode(code, 'code.js');
    if (ran.error) return JSON.stringify(fault(ran.error));
    const named = context.evalCode("typeof result === 'undefined' ? undefined : result", 'guest.js');
    let value = named.error || context.typeof(named.value) === 'undefined' ? ran.value : named.value;
    const jobs = runtime.executePendingJobs();
    if (jobs.error) return JSON.stringify(fault(jobs.error));
    // A promise is worth what it was settled with; anything else passes as it is.
    const state = context.getPromiseState(value);
    if (state.type === 'rejected') return JSON.stringify(fault(state.error));
    if (state.type === 'fulfilled') value = state.value;
    const encoded = context.callFunction(encode, context.undefined, value);
    if (encoded.error) return JSON.stringify(fault(encoded.error));
    return context.getString(encoded.value);
  };
  let answer: Uint8Array;
  try {
    answer = encoder.encode(answerOf());
  } catch (error) {
    // WebAssembly gives up where memory can't grow; deep recursion may end this process's stack before QuickJS' own.
    if (!(error instanceof RangeError || error instanceof WebAssembly.RuntimeError)) throw error;
    const tooDeep = error.message.includes('call stack');
    const message = 'The code calls itself too deeply.';
    answer = encoder.encode(
      JSON.stringify(tooDeep ? { kind: 'error', fault: { type: 'RangeError', message } } : { kind: 'memory' }),
    );
  }
  if (answer.length > max) answer = encoder.encode(JSON.stringify({ kind: 'too_large' }));
  const mark = encoder.encode(nonce);
  write(1, mark);
  write(2, mark);
  write(3, encoder.encode(`${nonce} ${answer.length} 12\n`));
  write(3, answer);
  // The server ends this process.
  Atomics.wait(pause, 0, 0);
}
