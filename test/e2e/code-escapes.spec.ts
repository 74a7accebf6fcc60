import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pythonWithPandas } from '../support/python/index.js';
import { descendants, failureOf, runCode, runnerNamed, temporaryFolder } from './support/code-runners.js';
import { JAVASCRIPT_ESCAPES } from './support/javascript-escapes.js';

/** What an escape comes to: an error of this kind, with this in its text. */
type Expectation = RegExp;

/** What the code of an escape finds as variables. */
interface Targets {
  readonly port: number;
  readonly socket: string;
  readonly secret_file: string;
  readonly server_pid: number;
  [name: string]: unknown;
}

const NATIVE = 'bwrap-python';
const WASM = 'pyodide';
const PYTHON = [NATIVE, WASM] as const;

/** Each must fail. A `result` of what was reached would make it succeed, and the test fail. */
const ESCAPES: readonly (readonly [what: string, runners: readonly string[], code: string, expected: Expectation])[] = [
  ['reads /etc/passwd', PYTHON, `result = open('/etc/passwd').read()`, /FileNotFoundError/],
  ['lists /root', PYTHON, `import os\nresult = os.listdir('/root')`, /FileNotFoundError|PermissionError/],
  ['reads a file of the server', PYTHON, `result = open(secret_file).read()`, /FileNotFoundError/],
  [
    'reads a file of the server through a symlink',
    PYTHON,
    `import os\nos.symlink(secret_file, '/tmp/link')\nresult = open('/tmp/link').read()`,
    /FileNotFoundError/,
  ],
  ['walks up out of its root', PYTHON, `result = open('../../../../../etc/shadow').read()`, /FileNotFoundError/],
  [
    "reads the server's processes",
    PYTHON,
    `result = open('/proc/%d/environ' % server_pid).read()`,
    /FileNotFoundError/,
  ],
  [
    'finds the environment of the server',
    PYTHON,
    `import os, pathlib
seen = repr(dict(os.environ))
for pid in [p for p in (os.listdir('/proc') if os.path.isdir('/proc') else []) if p.isdigit()]:
    try: seen += pathlib.Path('/proc', pid, 'environ').read_text()
    except OSError: pass
if 'ROOKERY_TEST_MARK' in seen or 'NODE' in seen or 'VITEST' in seen:
    result = seen
else:
    raise LookupError('nothing there')`,
    /LookupError: nothing there/,
  ],
  [
    'connects to a loopback port',
    PYTHON,
    `import socket\nresult = str(socket.create_connection(('127.0.0.1', port), 2))`,
    / (PermissionError|OSError: \[Errno 23\] Host is unreachable)/,
  ],
  [
    'speaks HTTP to a loopback port',
    PYTHON,
    `import urllib.request\nresult = urllib.request.urlopen('http://127.0.0.1:%d/' % port, timeout=2).status`,
    /URLError: <urlopen error \[Errno (1|23)\]/,
  ],
  [
    'connects to a UNIX socket of the host',
    PYTHON,
    `import socket\ns = socket.socket(socket.AF_UNIX)\ns.connect(socket_path)\nresult = 'connected'`,
    /PermissionError|no attribute 'AF_UNIX'/,
  ],
  [
    'asks DNS',
    PYTHON,
    `import socket\nresult = socket.getaddrinfo('localhost.localdomain', 80) and socket.create_connection(('localhost', port), 2) and 'connected'`,
    /gaierror: \[Errno -3\]|Host is unreachable/,
  ],
  [
    'starts a program',
    PYTHON,
    `import subprocess\nresult = subprocess.run(['/usr/bin/python3', '-c', '1']).returncode`,
    /PermissionError|OSError/,
  ],
  [
    'starts a shell',
    PYTHON,
    `import os\ncode = os.system('id')\nif code == 0: result = code\nelse: raise OSError('no shell')`,
    /OSError: no shell|ended its process/,
  ],
  ['forks without end', PYTHON, `import os\nwhile True: os.fork()\n`, /PermissionError|OSError|AttributeError/],
  ['takes 4 GB of memory', PYTHON, `result = len(bytearray(4 << 30))`, /more memory|OverflowError/],
  ['takes memory in pieces', PYTHON, `x = []\nwhile True: x.append(bytearray(1 << 22))`, /more memory/],
  ['takes shared memory', [NATIVE], `import mmap\nresult = len(mmap.mmap(-1, 4 << 30))`, /PermissionError|OSError/],
  [
    'takes memory that grows down',
    [NATIVE],
    `import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nlibc.mmap.restype = ctypes.c_void_p\nat = libc.mmap(None, ctypes.c_size_t(4 << 30), 3, 0x122, -1, 0)\nif at != 2 ** 64 - 1: result = 'mapped'\nelse: raise OSError('refused')`,
    /OSError: refused/,
  ],
  [
    'writes 1 GB to stdout',
    PYTHON,
    `import sys\nfor _ in range(1024): sys.stdout.write('x' * (1 << 20))\nresult = 1`,
    /wrote more than \d+ bytes to stdout/,
  ],
  ['returns 1 GB', PYTHON, `result = ['x' * (1 << 20)] * 1024`, /larger than|more memory/],
  [
    'fills the disk',
    [NATIVE],
    `import os
full = 0
for folder in ('/tmp', '/', '/dev', '/dev/shm', '/usr', '/etc', '/proc'):
    try:
        for n in range(200):
            with open('%s/file%d' % (folder, n), 'wb') as f:
                full += f.write(b'x' * (1 << 20))
    except OSError: pass
if full > 70 << 20: result = full
else: raise OSError('full after %d' % full)`,
    /OSError: full after/,
  ],
  [
    // Its files lie in its memory.
    'fills the disk',
    [WASM],
    `for n in range(1000):\n    with open('/tmp/%d' % n, 'wb') as f: f.write(b'x' * (4 << 20))\nresult = n`,
    /more memory/,
  ],
  [
    'writes one large file',
    [NATIVE],
    `f = open('/tmp/x', 'wb')\nfor _ in range(1000): f.write(b'x' * (1 << 20))\nresult = 1`,
    /OSError/,
  ],
  [
    'writes one large file',
    [WASM],
    `f = open('/tmp/x', 'wb')\nfor _ in range(1000): f.write(b'x' * (8 << 20))\nresult = 1`,
    /more memory/,
  ],
  [
    'writes to a program of the system',
    PYTHON,
    `open('/usr/lib/python3.11/os.py', 'a').write('x')\nresult = 1`,
    /OSError|PermissionError|FileNotFoundError/,
  ],
  ['loops without end', PYTHON, `while True: pass`, /longer than 1500 ms/],
  [
    'catches everything and loops',
    PYTHON,
    `while True:\n    try:\n        while True: pass\n    except BaseException: pass`,
    /longer than 1500 ms/,
  ],
  ['sleeps for ever', PYTHON, `import time\nwhile True: time.sleep(1000)`, /longer than 1500 ms/],
  ['signals the server', PYTHON, `import os\nos.kill(server_pid, 9)\nresult = 'killed'`, /PermissionError/],
  ['signals everybody', [NATIVE], `import os\nos.kill(-1, 9)\nresult = 'killed'`, /PermissionError/],
  ...(
    [
      ['ptrace', 'libc.ptrace(0, 0, 0, 0)'],
      ['mount', `libc.mount(b'none', b'/tmp', b'tmpfs', 0, None)`],
      ['unshare', 'libc.unshare(0x10000000)'],
      ['setns', 'libc.setns(0, 0)'],
      ['keyctl', 'libc.syscall(250, 0, 0)'],
      ['bpf', 'libc.syscall(321, 0, 0, 0)'],
      ['io_uring_setup', 'libc.syscall(425, 1, 0)'],
      ['userfaultfd', 'libc.syscall(323, 0)'],
      ['memfd_create', `libc.memfd_create(b'x', 0)`],
      ['shmget', 'libc.shmget(0, 1 << 20, 0o1600)'],
      ['socket', 'libc.socket(2, 1, 0)'],
      ['vfork', 'libc.syscall(58)'],
      ['clone as a process', 'libc.syscall(56, 17, 0, 0, 0, 0)'],
      ['clone3', 'libc.syscall(435, 0, 0)'],
      ['a call of another ABI', 'libc.syscall(0x40000000 | 41, 2, 1, 0)'],
      ['process_vm_readv', 'libc.syscall(310, 1, 0, 0, 0, 0, 0)'],
      ['sendmsg', 'libc.sendmsg(3, 0, 0)'],
    ] as const
  ).map(
    ([name, call]) =>
      [
        `calls ${name}`,
        [NATIVE],
        `import ctypes, os\nlibc = ctypes.CDLL(None, use_errno=True)\nanswer = ${call}\nerror = ctypes.get_errno()\nif answer == -1 and error in (1, 38): raise PermissionError('refused')\nresult = [answer, error]`,
        /PermissionError: refused|ended its process/,
      ] as const,
  ),
  [
    'forges an answer on descriptor 3',
    [NATIVE],
    `import os\nbody = b'{"kind":"ok","notes":[],"result":"forged"}'\nos.write(3, b'0' * 32 + b' %d 12\\n' % len(body) + body)\nresult = 'own'`,
    /channel that is not its own/,
  ],
  [
    'forges an answer on every descriptor',
    [NATIVE],
    `import os\nbody = b'{"kind":"ok","notes":[],"result":"forged"}'\nfor fd in range(64):\n    try: os.write(fd, b'0' * 32 + b' %d 12\\n' % len(body) + body)\n    except OSError: pass\nresult = 'own'`,
    /channel that is not its own/,
  ],
  ['ends its process', PYTHON, `import os\nos._exit(0)`, /ended its process/],
  [
    'crashes its process',
    PYTHON,
    `import ctypes\nctypes.string_at(1)\nresult = ctypes.string_at(0xfffffff0)`,
    /ended its process/,
  ],
  ['imports JavaScript', [WASM], `import js\nresult = str(js)`, /ModuleNotFoundError/],
  ['imports pyodide_js', [WASM], `import pyodide_js\nresult = str(pyodide_js)`, /ModuleNotFoundError/],
  [
    'runs JavaScript',
    [WASM],
    `from pyodide.code import run_js\nresult = str(run_js('process.pid'))`,
    /ModuleNotFoundError: No module named 'js'/,
  ],
  [
    'mounts a folder of the host by pyodide_js',
    [WASM],
    `import pyodide_js\npyodide_js.mountNodeFS('/h', '/etc')\nresult = open('/h/passwd').read()`,
    /ModuleNotFoundError: No module named 'pyodide_js'/,
  ],
  [
    'mounts a folder of the host by JavaScript',
    [WASM],
    `from pyodide.code import run_js\nrun_js("(FS) => { FS.mkdir('/h'); FS.mount(FS.filesystems.NODEFS, { root: '/etc' }, '/h') }")\nresult = open('/h/passwd').read()`,
    /ModuleNotFoundError: No module named 'js'/,
  ],
  [
    'mounts a folder of the host by what an object of JavaScript leads to',
    [WASM],
    `
from pyodide.ffi import to_js, JsProxy
seen, found = set(), []
def search(value, depth):
    for name in dir(value):
        if name in ('FS', 'NODEFS', 'mountNodeFS', '_module', '_api', 'process', 'require', 'globalThis'):
            found.append(name)
        if depth == 0 or name.startswith('__'):
            continue
        try:
            member = getattr(value, name)
        except BaseException:
            continue
        if isinstance(member, JsProxy) and member.js_id not in seen:
            seen.add(member.js_id)
            search(member, depth - 1)
for value in ([1], {}, b'x', lambda: 1, (1, 2)):
    search(to_js(value), 3)
if len(seen) < 20: raise AssertionError('searched too little: %d' % len(seen))
if found: result = found
else: raise LookupError('nothing there')`,
    /LookupError: nothing there/,
  ],
  [
    'fetches with pyfetch',
    [WASM],
    `
from pyodide.http import pyfetch
asked = pyfetch('http://127.0.0.1:%d/' % port)
try:
    while True: asked.send(None)
except StopIteration as answer: result = str(answer.value)`,
    /NameError: name 'AbortController' is not defined/,
  ],
  [
    'fetches with pyfetch in an event loop',
    [WASM],
    `import asyncio\nfrom pyodide.http import pyfetch\nresult = asyncio.run(pyfetch('http://127.0.0.1:%d/' % port)).status`,
    /RuntimeError: WebAssembly stack switching not supported/,
  ],
  [
    'fetches with open_url',
    [WASM],
    `from pyodide.http import open_url\nresult = open_url('http://127.0.0.1:%d/' % port).read()`,
    /NameError: name 'XMLHttpRequest' is not defined/,
  ],
  [
    "reaches JavaScript's Function",
    [WASM],
    `from pyodide.ffi import to_js\nresult = str(to_js([1]).constructor.constructor('return process.pid')())`,
    /EvalError/,
  ],
  [
    'runs a script of Emscripten',
    [WASM],
    `import ctypes\nresult = ctypes.CDLL(None).emscripten_run_script_int(b'process.pid')`,
    /ended its process/,
  ],
  [
    'imports node:fs',
    [WASM],
    `from pyodide.ffi import to_js\nf = to_js([1]).constructor.constructor\nresult = str(f("return import('node:fs')")())`,
    /EvalError/,
  ],
  [
    'fills the memory of JavaScript',
    [WASM],
    `from pyodide.ffi import to_js\nx = []\nwhile True: x.append(to_js(b'x' * (50 << 20)))`,
    /more memory/,
  ],
];

const folder = temporaryFolder();
let listener: Server;
let unix: Server;
let connections = 0;
let targets: Targets;

beforeAll(async () => {
  await pythonWithPandas();
  process.env['ROOKERY_TEST_MARK'] = 'seen';
  const count = (): void => void connections++;
  listener = createServer(count).listen(0, '127.0.0.1');
  const socket = join(folder.path, 'socket');
  unix = createServer(count).listen(socket);
  await Promise.all([once(listener, 'listening'), once(unix, 'listening')]);
  writeFileSync(join(folder.path, 'secret'), 'secret', { mode: 0o644 });
  targets = {
    port: (listener.address() as AddressInfo).port,
    socket,
    socket_path: socket,
    secret_file: join(folder.path, 'secret'),
    server_pid: process.pid,
  };
}, 300_000);

afterAll(() => {
  delete process.env['ROOKERY_TEST_MARK'];
  listener.close();
  unix.close();
  folder.remove();
});

describe.each(['bwrap-python', 'pyodide', 'quickjs'])('code in %s', (name) => {
  const runner = runnerNamed(name);

  afterAll(async () => await runner.close());

  it('[N3] passes its self-test', { timeout: 60_000 }, async () => {
    expect(await runner.selfTest()).toMatchObject({ passed: true });
  });

  const cases =
    name === 'quickjs'
      ? JAVASCRIPT_ESCAPES
      : ESCAPES.filter(([, runners]) => runners.includes(name)).map(
          ([what, , code, expected]) => [what, code, expected] as const,
        );

  it.each(cases)('[N3] fails when it %s', async (_what, code, expected) => {
    const timeoutMs = expected.source.includes('1500') ? 1_500 : 20_000;
    const failure = await failureOf(runCode(runner, code, targets, { timeoutMs }));
    expect(String(failure)).toMatch(expected);
    expect(connections).toBe(0);
  });

  it('[N3] leaves no process behind', async () => {
    await runner.close();
    expect(descendants()).toEqual([]);
    expect(connections).toBe(0);
  });
});
