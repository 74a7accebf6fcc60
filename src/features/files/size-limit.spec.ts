import { describe, expect, it } from 'vitest';
import { ForbiddenError, type Principal } from '../../index.js';
import { LARGEST_FILE, sizeLimit } from './size-limit.js';

const caller = (attributes: Principal['attributes']): Principal => ({
  id: 'a',
  roles: [],
  permissions: [],
  attributes,
});

describe('the size of the largest file', () => {
  it.each<[string, Principal | undefined, number]>([
    ['is the standard for nobody', undefined, 100],
    ['is the standard without an attribute', caller({}), 100],
    ['is the attribute of the caller', caller({ maxFileSize: 500 }), 500],
    ['is the claim as the guide writes it', caller({ max_file_size: 5 }), 5],
    ['is the smaller of both', caller({ maxFileSize: 500, max_file_size: 5 }), 5],
    ['may be nothing at all', caller({ maxFileSize: 0 }), 0],
    ['is never more than the server takes', caller({ maxFileSize: Number.MAX_SAFE_INTEGER }), LARGEST_FILE],
  ])('%s', (_what, principal, expected) => {
    expect(sizeLimit(principal, 100)).toBe(expected);
  });

  it.each([
    ['text', '500'],
    ['a fraction', 1.5],
    ['less than nothing', -1],
    ['no number', Number.NaN],
    ['null', null],
    ['endless', Infinity],
  ])('[N2] is not guessed when the attribute is %s', (_what, value) => {
    expect(() => sizeLimit(caller({ maxFileSize: value }), 100)).toThrow(ForbiddenError);
  });
});
