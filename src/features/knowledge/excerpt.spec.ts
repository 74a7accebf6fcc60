import { describe, expect, it } from 'vitest';
import { excerpt } from './excerpt.js';

const filler = 'lorem ipsum dolor sit amet '.repeat(40);

const LONE_SURROGATE = /\p{Surrogate}/u;

describe('an excerpt', () => {
  it('of a short text is all of it, on one line', () => {
    expect(excerpt(' one\n\n  two\tthree ', new Set(['two']))).toBe('one two three');
  });

  it('stands around the hit, cut at the borders of words', () => {
    const cut = excerpt(`${filler}the cache expires ${filler}`, new Set(['cach']));
    expect(cut).toContain(' the cache expires ');
    expect(cut.length).toBeLessThanOrEqual(302);
    const words = cut.replaceAll('…', '').trim().split(' ');
    expect(words.every((word) => `${filler}the cache expires`.split(' ').includes(word))).toBe(true);
    expect(cut.startsWith('…')).toBe(true);
    expect(cut.endsWith('…')).toBe(true);
  });

  it('shows where most of the terms are', () => {
    const text = `cache ${filler} rate limit of a cache ${filler} limit`;
    expect(excerpt(text, new Set(['cach', 'rat', 'limit']))).toContain('rate limit of a cache');
  });

  it('shows the beginning when nothing in the text itself matched, and the end when the hit is there', () => {
    expect(excerpt(filler, new Set(['titl']))).toMatch(/^lorem/);
    expect(excerpt(`${filler}last`, new Set(['last']))).toMatch(/last$/);
  });

  it('finds words whatever their case and accents', () => {
    expect(excerpt(`${filler} CAFÉ ${filler}`, new Set(['cafe']))).toContain('CAFÉ');
  });

  it('of a text without spaces is cut between characters', () => {
    const cut = excerpt('𠮷'.repeat(2_000), new Set(['𠮷𠮷']));
    expect(cut).not.toMatch(LONE_SURROGATE);
    expect(cut.length).toBeLessThanOrEqual(302);
  });

  it('never cuts the hit itself', () => {
    const long = 'x'.repeat(250);
    expect(excerpt(`${filler}${long} ${filler}`, new Set(['x'.repeat(64)]))).toContain(long);
  });
});
