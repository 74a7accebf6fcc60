import { describe, expect, it } from 'vitest';
import { TokenSealer } from './token-sealer.js';

const OLD = 'an old key of thirty-two characters or more';
const NEW = 'a new key of thirty-two characters or more!';
const CONTEXT = ['token', 'crm', 'id:alice'];

describe('TokenSealer', () => {
  it('opens what it sealed, and nobody can read it meanwhile', () => {
    const sealer = new TokenSealer([OLD]);
    const sealed = sealer.seal({ accessToken: 'confidential' }, CONTEXT);
    expect(sealer.open(sealed, CONTEXT)).toEqual({ accessToken: 'confidential' });
    expect(Buffer.from(sealed).toString('latin1')).not.toContain('confidential');
  });

  it('seals the same value differently each time', () => {
    const sealer = new TokenSealer([OLD]);
    expect(sealer.seal('x', CONTEXT)).not.toEqual(sealer.seal('x', CONTEXT));
  });

  it('opens nothing that was altered by one bit, or cut', () => {
    const sealer = new TokenSealer([OLD]);
    const sealed = sealer.seal({ n: 1 }, CONTEXT);
    for (let index = 0; index < sealed.length; index++) {
      const altered = Uint8Array.from(sealed);
      altered[index] = (altered[index] as number) ^ 1;
      expect(sealer.open(altered, CONTEXT)).toBeUndefined();
      expect(sealer.open(sealed.subarray(0, index), CONTEXT)).toBeUndefined();
    }
  });

  it.each([
    ['person', ['token', 'crm', 'id:mallory']],
    ['client', ['token', 'erp', 'id:alice']],
    ['purpose', ['state', 'crm', 'id:alice']],
    ['division of the same text', ['token', 'crm","id:alice']],
  ])('opens nothing that was sealed for another %s', (_what, context) => {
    const sealer = new TokenSealer([OLD]);
    expect(sealer.open(sealer.seal({ n: 1 }, CONTEXT), context)).toBeUndefined();
  });

  it('seals with the first key and opens with all, so that keys can be rotated', () => {
    const before = new TokenSealer([OLD]);
    const during = new TokenSealer([NEW, OLD]);
    const after = new TokenSealer([NEW]);
    expect(during.open(before.seal(1, CONTEXT), CONTEXT)).toBe(1);
    expect(after.open(during.seal(2, CONTEXT), CONTEXT)).toBe(2);
    expect(after.open(before.seal(3, CONTEXT), CONTEXT)).toBeUndefined();
  });

  it('has a key of its own where none is given', () => {
    const sealed = new TokenSealer([]).seal(1, CONTEXT);
    expect(new TokenSealer([]).open(sealed, CONTEXT)).toBeUndefined();
  });
});
