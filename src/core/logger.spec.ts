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
      /error broken\nError: broken\n +at /,
    );
  });
});
