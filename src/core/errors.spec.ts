import {
  BadRequestException,
  ForbiddenException,
  HttpException,
  InternalServerErrorException,
  NotFoundException,
  RequestTimeoutException,
} from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import {
  CancelledError,
  ForbiddenError,
  InternalError,
  InvalidArgumentsError,
  RookeryError,
  ToolError,
  asRookeryError,
} from './errors.js';

const CALL = { id: 'call-1', aborted: false };
const GENERIC = 'Internal error. Correlation id: call-1';

describe('asRookeryError', () => {
  it.each([new ToolError('no such city'), new ForbiddenError(), new RookeryError('overloaded', 'busy')])(
    '[S7] lets an error of ours pass as it is: %s',
    (error) => {
      expect(asRookeryError(error, CALL)).toBe(error);
    },
  );

  it.each([
    [new BadRequestException('no such city'), 'invalid_arguments', 'no such city'],
    [new BadRequestException(['a is missing', 'b is missing']), 'invalid_arguments', 'a is missing; b is missing'],
    [new ForbiddenException('not yours'), 'forbidden', 'not yours'],
    [new NotFoundException(), 'tool_error', 'Not Found'],
    [new RequestTimeoutException('too slow'), 'timeout', 'too slow'],
    [new HttpException({ code: 7, internals: 'db-1' }, 409), 'tool_error', 'Http Exception'],
    [new HttpException({ message: { internals: 'db-1' } }, 409), 'tool_error', 'Http Exception'],
  ])('[S7] shows the message of an expected HttpException: %s', (exception, code, message) => {
    expect(asRookeryError(exception, CALL)).toMatchObject({ code, message, cause: exception });
  });

  it.each([
    ['an error', new Error('db password=hunter2')],
    ['an HttpException from 500 on', new InternalServerErrorException('db password=hunter2')],
    ['a text', 'db password=hunter2'],
    ['an object', { password: 'hunter2' }],
    ['null', null],
    ['undefined', undefined],
    ['an abort that is not the call’s own', new DOMException('hunter2', 'AbortError')],
  ])('[S7] says nothing of %s but a correlation id', (_what, thrown) => {
    const error = asRookeryError(thrown, CALL);
    expect(error).toBeInstanceOf(InternalError);
    expect({ message: error.message, details: error.details }).toEqual({
      message: GENERIC,
      details: { correlationId: 'call-1' },
    });
    expect(error.cause).toBe(thrown);
  });

  it('takes an abort of the call’s own signal for a cancellation', () => {
    const abort = new DOMException('This operation was aborted', 'AbortError');
    expect(asRookeryError(abort, { ...CALL, aborted: true })).toBeInstanceOf(CancelledError);
  });

  it('does not take any error of an aborted call for a cancellation', () => {
    expect(asRookeryError(new Error('broken'), { ...CALL, aborted: true })).toBeInstanceOf(InternalError);
  });
});

describe('InvalidArgumentsError', () => {
  it('[S4] names every fault, in its text and as data', () => {
    const faults = [
      { path: '', message: 'must be an object' },
      { path: 'a[0]', message: 'is required' },
    ];
    const error = new InvalidArgumentsError(faults);
    expect(error.message).toBe('Invalid arguments: must be an object; a[0]: is required');
    expect(error.details.faults).toBe(faults);
  });
});

describe('RookeryError', () => {
  it('is named after its class, so that logs say which', () => {
    class QuotaError extends RookeryError {}
    expect(new QuotaError('rate_limited', 'full', { retryAfter: 3 }).name).toBe('QuotaError');
  });
});
