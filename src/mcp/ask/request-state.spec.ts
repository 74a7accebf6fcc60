import { describe, expect, it } from 'vitest';
import { MAX_STATE_BYTES, StateSeal } from './request-state.js';

const OLD = 'an old secret of more than thirty-two characters';
const NEW = 'a new secret of more than thirty-two characters!';

describe('StateSeal', () => {
  it('opens what it sealed, and nobody can read it meanwhile', () => {
    const seal = new StateSeal([OLD], 'test');
    const sealed = seal.seal({ answer: 'confidential' });
    expect(seal.open(sealed)).toEqual({ answer: 'confidential' });
    expect(Buffer.from(sealed, 'base64url').toString('latin1')).not.toContain('confidential');
  });

  it('opens nothing that was altered by one bit', () => {
    const seal = new StateSeal([OLD], 'test');
    const sealed = Buffer.from(seal.seal({ n: 1 }), 'base64url');
    for (let index = 0; index < sealed.length; index++) {
      const altered = Buffer.from(sealed);
      altered[index] = (altered[index] as number) ^ 1;
      expect(seal.open(altered.toString('base64url'))).toBeUndefined();
    }
  });

  it('opens nothing that was sealed elsewhere or for something else', () => {
    const sealed = new StateSeal([OLD], 'test').seal({ n: 1 });
    expect(new StateSeal([], 'test').open(sealed)).toBeUndefined();
    expect(new StateSeal([OLD], 'another server').open(sealed)).toBeUndefined();
  });

  it('seals with the first key and opens with all, so that keys can be rotated', () => {
    const before = new StateSeal([OLD], 'test');
    const during = new StateSeal([NEW, OLD], 'test');
    const after = new StateSeal([NEW], 'test');
    expect(during.open(before.seal({ n: 1 }))).toEqual({ n: 1 });
    expect(after.open(during.seal({ n: 2 }))).toEqual({ n: 2 });
    expect(after.open(before.seal({ n: 3 }))).toBeUndefined();
  });

  it('refuses to grow beyond its limit', () => {
    expect(() => new StateSeal([], 'test').seal('x'.repeat(MAX_STATE_BYTES))).toThrow(/16384/);
  });
});
