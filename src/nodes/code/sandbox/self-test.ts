import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { CodeMemoryError, CodeTimeoutError } from '../code-errors.js';
import type { CodeJob, CodeLanguage, CodeRunner, SelfTestResult } from '../code-runner.js';

const TIMEOUT_MS = 20_000;
const MEMORY_MB = 192;

/** Each tries what must fail; `result` lists what did not. `file` exists, and `port` is one that the server listens on. */
const PROBES: Readonly<Record<CodeLanguage, string>> = {
  python: `
import os
result = []
def attempt(what, action):
    try:
        action()
        result.append(what)
    except BaseException:
        pass
def connect():
    import socket
    socket.create_connection(('127.0.0.1', port), 1).close()
def fork():
    if os.fork() == 0:
        os._exit(0)
attempt('read a file of the server', lambda: open(file).close())
attempt('list the folder /root', lambda: os.listdir('/root'))
attempt('connect to the server', connect)
attempt('start a process', fork)
attempt('write outside of its scratch space', lambda: open('/usr/x', 'w').close())
`,
  javascript: `
var result = [];
for (const name of ['process', 'require', 'fetch', 'WebAssembly', 'XMLHttpRequest', 'Deno', 'Bun', 'module'])
  if (typeof globalThis[name] !== 'undefined') result.push('see ' + name);
`,
};

const LOOPS: Readonly<Record<CodeLanguage, string>> = { python: 'while True: pass', javascript: 'for (;;);' };
const BOMBS: Readonly<Record<CodeLanguage, string>> = {
  python: 'x = bytearray(1 << 30)',
  javascript: 'var all = []; for (;;) all.push(new Uint8Array(1 << 20).fill(1));',
};

/** Runs code that must not succeed, and reports the first thing that did. Never throws. */
export async function provesIsolation(
  runner: CodeRunner & { versions(): Readonly<Record<string, string>> },
  language: CodeLanguage,
): Promise<SelfTestResult> {
  const refused = (reason: string): SelfTestResult => ({ passed: false, reason });
  let connections = 0;
  const listener = createServer((socket) => {
    connections++;
    socket.destroy();
  });
  try {
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    const job = (code: string, limits: Partial<CodeJob> = {}): CodeJob => ({
      language,
      code,
      variables: { port, file: fileURLToPath(import.meta.url) },
      timeoutMs: TIMEOUT_MS,
      memoryLimitMb: MEMORY_MB,
      ...limits,
    });
    const { result } = await runner.run(job(PROBES[language]));
    if (!Array.isArray(result)) return refused('its self-test gave no answer.');
    if (connections > 0) return refused('code in it could connect to the server.');
    if (result.length > 0) return refused(`code in it could ${result.join(', and ')}.`);
    const [loop, bomb] = await Promise.all([
      failureOf(runner.run(job(LOOPS[language], { timeoutMs: 200 }))),
      failureOf(runner.run(job(BOMBS[language]))),
    ]);
    if (!(loop instanceof CodeTimeoutError)) return refused(`an endless loop was not stopped (${said(loop)}).`);
    if (!(bomb instanceof CodeMemoryError)) return refused(`its memory is not limited (${said(bomb)}).`);
    return { passed: true, isolation: runner.isolation, details: runner.versions() };
  } catch (error) {
    return refused(`it could not run code: ${said(error)}`);
  } finally {
    listener.close();
  }
}

async function failureOf(run: Promise<unknown>): Promise<unknown> {
  return await run.then(
    () => undefined,
    (error: unknown) => error,
  );
}

function said(error: unknown): string {
  if (!(error instanceof Error)) return 'it succeeded';
  return error.cause instanceof Error ? `${error.message} ${error.cause.message}` : error.message;
}
