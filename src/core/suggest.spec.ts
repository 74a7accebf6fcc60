import { describe, expect, it } from 'vitest';
import { closest } from './suggest.js';

describe('closest', () => {
  const keys = ['host', 'port', 'publicUrl', 'maxMessageSize'];

  it.each([
    ['prot', 'port'],
    ['hots', 'host'],
    ['maxmessagesize', 'maxMessageSize'],
    ['publcUrl', 'publicUrl'],
  ])('finds that %s means %s', (word, meant) => {
    expect(closest(word, keys)).toBe(meant);
  });

  it('says nothing when nothing is near', () => {
    expect(closest('colour', keys)).toBeUndefined();
    expect(closest('x'.repeat(1000), ['x'.repeat(999)])).toBeUndefined();
  });

  it('prefers the nearest', () => {
    expect(closest('ports', ['parts', 'port', 'sport'])).toBe('parts');
    expect(closest('port', ['parts', 'port'])).toBe('port');
  });
});
