import { describe, expect, it } from 'vitest';
import { queryTerms } from './query-terms.js';

describe('a query', () => {
  it('is searched for what it is about, once each', () => {
    expect(queryTerms('How do I configure the rate limits, and which limits are there?')).toEqual([
      'configur',
      'rat',
      'limit',
    ]);
  });

  it('of nothing but fillers is searched for these', () => {
    expect(queryTerms('what is it')).toEqual(['what', 'is', 'it']);
  });

  it('without words has nothing to search for', () => {
    expect(queryTerms('?!')).toEqual([]);
  });
});
