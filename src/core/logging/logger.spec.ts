import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RookeryLogger, type LogFormat } from './logger.js';

function logging(write: (logger: RookeryLogger) => void, format: LogFormat = 'json', level: 'info' | 'warn' = 'info') {
  let text = '';
  write(new RookeryLogger({ level, format, destination: { write: (line: string) => (text += line) } }));
  return text;
}

const fields = (write: (logger: RookeryLogger) => void): unknown => JSON.parse(logging(write));

describe('RookeryLogger', () => {
  it('writes a text with its context as one line of JSON', () => {
    expect(fields((logger) => logger.log('started', 'Mcp'))).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
      context: 'Mcp',
      msg: 'started',
    });
  });

  it('writes an object as fields', () => {
    const line = fields((logger) => logger.warn({ msg: 'slow', callId: 'c-1', durationMs: 12 }, 'Pipeline'));
    expect(line).toMatchObject({ level: 'warn', context: 'Pipeline', msg: 'slow', callId: 'c-1', durationMs: 12 });
  });

  it('[S7] masks credentials in texts, fields, errors and stacks', () => {
    const text = logging((logger) => {
      logger.error('login failed: password=hunter2', 'Error: password=hunter2\n    at x', 'Db');
      logger.error({ msg: 'token=hunter2', url: 'https://a:hunter2@b/', err: new Error('secret=hunter2') });
      logger.error(new Error('pwd: hunter2'));
    });
    expect(text.match(/\*\*\*/g)?.length).toBeGreaterThanOrEqual(5);
    expect(text).not.toContain('hunter2');
  });

  it('writes an error with its type and stack', () => {
    const line = fields((logger) => logger.error(new TypeError('broken'), 'Db'));
    expect(line).toMatchObject({ msg: 'broken', context: 'Db', err: { type: 'TypeError' } });
    expect(JSON.stringify(line)).toContain('logger.spec.ts');
  });

  it('knows Nest’s levels, and leaves out those below its own', () => {
    const text = logging(
      (logger) => {
        for (const level of ['verbose', 'debug', 'log', 'warn', 'error', 'fatal'] as const) logger[level](level);
      },
      'json',
      'warn',
    );
    const levels = text
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { level: string }).level);
    expect(levels).toEqual(['warn', 'error', 'fatal']);
  });

  it('writes for people: time, level, context, message, fields, stack', () => {
    const line = logging((logger) => logger.warn({ msg: 'slow', rows: 3, file: 'a.csv' }, 'Files'), 'pretty');
    expect(line).toMatch(/^\d\d:\d\d:\d\d warn {2}\[Files\] slow rows=3 file=a\.csv\n$/);
    expect(logging((logger) => logger.error(new Error('broken')), 'pretty')).toMatch(
      /error broken\n {4}Error: broken\n {8}at /,
    );
  });
});

describe('one message', () => {
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
  });

  it('[O5] is one line of JSON, whatever it is', () => {
    fc.assert(
      fc.property(anything, anything, fc.string(), (message, more, context) => {
        const text = logging((logger) => logger.log(message, more, context));
        expect(text.indexOf('\n')).toBe(text.length - 1);
        expect(JSON.parse(text)).toMatchObject({ level: 'info', context });
      }),
      { numRuns: 500 },
    );
  });

  it('[O5] is one line for people too: what belongs to it stands indented below', () => {
    const text = fc.string({
      unit: fc.constantFrom('\n', '\r', '\u001b[2K', '\u009b', '\u2028', '12:00:00 info ', 'x'),
    });
    fc.assert(
      fc.property(text, text, text, (one, two, context) => {
        const error = new Error(one, { cause: new AggregateError([new Error(two)], one) });
        const lines = logging((logger) => logger.error({ msg: one, [two]: two, err: error }, context), 'pretty').split(
          '\n',
        );
        expect(lines.filter((line) => line !== '' && !line.startsWith('    '))).toHaveLength(1);
        // oxlint-disable-next-line no-control-regex -- these are what must not be there
        expect(lines.join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/);
      }),
    );
  });

  it('[O5] is cut where it is too long, and says how long it was', () => {
    const ten = 'x'.repeat(10 * 1024 * 1024);
    for (const message of [ten, { msg: 'large', ten }, new Error(ten), '\u0001'.repeat(1e6), Array(5_000).fill(ten)]) {
      const text = logging((logger) => logger.log(message, 'Big'));
      expect(text.length).toBeLessThan(70_000);
      expect(JSON.parse(text)).toMatchObject({ context: 'Big' });
      expect(text).toMatch(/cut, \d+ characters|more/);
    }
    expect(logging((logger) => logger.log(ten))).toContain('(cut, 10485760 characters)');
  });

  it('[O5] survives cycles, getters and proxies that throw, and what JSON does not know', () => {
    const cyclic: Record<string, unknown> = {
      msg: 'odd',
      big: 12n,
      mark: Symbol('mark'),
      run: () => 1,
      not: Number.NaN,
    };
    cyclic['self'] = cyclic;
    Object.defineProperty(cyclic, 'bad', {
      enumerable: true,
      get: () => {
        throw new Error('secret');
      },
    });
    cyclic['proxy'] = new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('secret');
        },
      },
    );
    cyclic['json'] = {
      toJSON: () => {
        throw new Error('secret');
      },
    };
    expect(fields((logger) => logger.log(cyclic))).toMatchObject({
      big: '12',
      mark: 'Symbol(mark)',
      run: '[function]',
      not: 'NaN',
      self: '[circular]',
      bad: '[unreadable]',
      proxy: '[unreadable]',
      json: '[unreadable]',
    });
    expect(
      fields((logger) => logger.log({ msg: 'deep', a: { b: { c: { d: { e: { f: { g: 1 } } } } } } })),
    ).toMatchObject({
      a: { b: { c: { d: { e: { f: '[object]' } } } } },
    });
  });

  it('[O5] tells of every cause of an error, and of every error of several', () => {
    const error = new AggregateError([new Error('first'), new TypeError('second')], 'both', {
      cause: new Error('why'),
    });
    expect(fields((logger) => logger.error(error))).toMatchObject({
      msg: 'both',
      err: { errors: [{ message: 'first' }, { type: 'TypeError', message: 'second' }], cause: { message: 'why' } },
    });
    const odd = Object.defineProperty(new Error('x'), 'message', {
      get: () => {
        throw new Error('secret');
      },
    });
    expect(fields((logger) => logger.error({ msg: 'odd', err: odd }))).toMatchObject({
      err: { message: '[unreadable]' },
    });
  });

  it('[O5, S7] masks what a field of a secret name holds, in every depth', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('password', 'clientSecret', 'api_key', 'Authorization', 'set-cookie', 'refreshToken'),
        fc.string({ minLength: 1 }),
        (name, noise) => {
          const secret = `${noise}hunter2${noise}`;
          const text = logging((logger) => {
            logger.log({
              msg: 'x',
              [name]: secret,
              inner: [{ [name]: { nested: secret } }],
              map: new Map([[name, secret]]),
            });
          });
          expect(text).not.toContain('hunter2');
        },
      ),
    );
    expect(fields((logger) => logger.log({ msg: 'x', tokens: 12, passwordSet: true }))).toMatchObject({
      tokens: 12,
      passwordSet: true,
    });
  });

  it('[O5] cannot pretend to be another: names that are taken are kept beside', () => {
    const line = logging((logger) => logger.log({ msg: 'x', level: 'fatal', time: 'never', context: 'Audit' }, 'Team'));
    expect(line.match(/"level"/g)).toHaveLength(1);
    expect(JSON.parse(line)).toMatchObject({
      level: 'info',
      context: 'Team',
      _level: 'fatal',
      _time: 'never',
      _context: 'Audit',
    });
  });

  it('loses nothing of what Nest passes between message and context', () => {
    const line = fields((logger) => logger.log('took', { rows: 3 }, 'and more', 'Team'));
    expect(line).toMatchObject({ msg: 'took', context: 'Team', details: [{ rows: 3 }, 'and more'] });
  });
});
