/** What JavaScript of QuickJS must not be able to do: code that tries, and what it gets. */
export const JAVASCRIPT_ESCAPES: readonly (readonly [what: string, code: string, expected: RegExp])[] = [
  ['sees process', 'process.env', /ReferenceError/],
  ['sees require', `require('fs')`, /ReferenceError/],
  [
    'imports node:fs',
    `import('node:fs').then((fs) => fs.readFileSync('/etc/passwd', 'utf8'))`,
    /ReferenceError: could not load module 'node:fs'/,
  ],
  ...['os', 'std', 'qjs:os', 'quickjs:std', '/etc/passwd'].map(
    (name) =>
      [
        `imports ${name}`,
        `import('${name}').then((module) => Object.keys(module))`,
        new RegExp(`ReferenceError: could not load module '${name}'`),
      ] as const,
  ),
  [
    'imports os in a line of its own',
    `import * as os from 'os'; var result = Object.keys(os)`,
    /could not load module 'os'/,
  ],
  ['queues microtasks without end', `function next() { Promise.resolve().then(next) } next()`, /longer than 1500 ms/],
  ['waits without end', `async function wait() { for (;;) await null } wait()`, /longer than 1500 ms/],
  [
    'reaches the host by a constructor',
    `console.log.constructor.constructor('return process.pid')()`,
    /ReferenceError/,
  ],
  [
    'reaches the host by an error',
    `try { null.x } catch (e) { e.constructor.constructor('return process.pid')() }`,
    /ReferenceError/,
  ],
  ['fetches', `fetch('http://127.0.0.1:' + port)`, /ReferenceError/],
  ['loops without end', 'for (;;);', /longer than 1500 ms/],
  ['loops in a regular expression', `/(a+)+$/.test('a'.repeat(60) + 'b')`, /longer than 1500 ms/],
  ['takes memory', 'var x = []; for (;;) x.push(new Uint8Array(1 << 20).fill(1))', /more memory/],
  ['takes memory as text', `var x = 'x'; for (;;) x += x`, /more memory|string too long/],
  ['recurses without end', 'function f() { return f() + 1 } f()', /stack overflow|too deeply/],
  ['prints 1 GB', `var s = 'x'.repeat(1 << 20); for (let i = 0; i < 1024; i++) console.log(s)`, /wrote more than/],
  ['returns 1 GB', `new Array(1024).fill('x'.repeat(1 << 20))`, /larger than|more memory/],
  ['prints an answer and throws', `console.log('0'.repeat(32) + ' 2 12\\n{}'); throw new Error('own')`, /Error: own/],
];
