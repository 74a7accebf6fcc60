import { describe, expect, it } from 'vitest';
import { CancelledError, RookeryError, ToolError } from '../../index.js';
import { explainDatabaseError } from './database-errors.js';
import { withinTime } from './time-limit.js';

const never = new Promise<never>(() => undefined);

describe('the time limit of a read', () => {
  it('lets through what is in time, and what fails', async () => {
    const call = new AbortController();
    await expect(withinTime(1_000, call, Promise.resolve(1))).resolves.toBe(1);
    await expect(withinTime(1_000, call, Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  });

  it('[S12] ends the wait when the time is over', async () => {
    await expect(withinTime(1, new AbortController(), never)).rejects.toMatchObject({ code: 'timeout' });
  });

  it('[S11] ends the wait when the caller goes away, or was gone before', async () => {
    const call = new AbortController();
    const reading = withinTime(10_000, call, never);
    call.abort(new CancelledError());
    await expect(reading).rejects.toThrow(CancelledError);
    await expect(withinTime(10_000, call, never)).rejects.toThrow(CancelledError);
  });
});

describe('an error of a database', () => {
  const failed = (code: string): Error => Object.assign(new Error('Key (email)=(a@b) exists'), { code });

  it.each([
    ['23505', 'tool_error', /rule of the table/],
    ['SQLITE_CONSTRAINT_UNIQUE', 'tool_error', /rule of the table/],
    ['22P02', 'tool_error', /form that its column takes/],
    ['57014', 'timeout', /took longer than 5 ms/],
  ])('%s is explained without its text', (code, expected, message) => {
    const thrown = failed(code);
    const explained = explainDatabaseError(thrown, 5) as RookeryError;
    expect(explained).toMatchObject({ code: expected, cause: thrown });
    expect(explained.message).toMatch(message);
    expect(explained.message).not.toContain('a@b');
  });

  it.each([failed('08006'), new Error('no code'), new ToolError('ours'), 'text'])('stays as it is: %s', (thrown) => {
    expect(explainDatabaseError(thrown, 5)).toBe(thrown);
  });
});
