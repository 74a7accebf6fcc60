import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../config/index.js';
import { CommandFailure, UsageError } from './exit-code.js';
import { explainError } from './explain-error.js';

describe('explainError', () => {
  it.each([
    [new ConfigurationError([{ path: 'a', message: 'is wrong' }]), 2, 'a: is wrong'],
    [new UsageError('no such tool'), 2, 'error: no such tool'],
    [new CommandFailure('said'), 1, 'said'],
    [new Error('broken'), 1, 'error: broken'],
    ['text', 1, 'error: text'],
  ])('ends %s with %i', (error, code, text) => {
    expect(explainError(error)).toEqual({ code, message: expect.stringContaining(text) });
  });

  it('tells causes once and what to do about them', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const error = new Error('probe failed: fetch failed', {
      cause: new TypeError('fetch failed', { cause: new AggregateError([refused], '') }),
    });
    expect(explainError(error).message).toBe(
      'error: probe failed: fetch failed\n  because: connect ECONNREFUSED\nNothing listens there. Start a server with `rookery start`, or leave --url out.',
    );
  });

  it('ends although a cause is its own cause', () => {
    const error = new Error('loop');
    error.cause = error;
    expect(explainError(error).message).toBe('error: loop');
  });
});
