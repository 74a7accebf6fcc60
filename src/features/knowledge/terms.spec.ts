import { describe, expect, it } from 'vitest';
import { termsIn, tokenize } from './terms.js';

describe('terms', () => {
  it.each([
    ['letters and digits, in lower case', 'HTTP 404: Not-Found!', ['http', '404', 'not', 'found']],
    ['the parts of names', 'search_knowledge_base, src/core', ['search', 'knowledg', 'bas', 'src', 'cor']],
    ['words without their accents', 'Zürich café naïve', ['zurich', 'cafe', 'naive']],
    ['words without their endings', 'Caching results', ['cach', 'result']],
    ['words in other alphabets', 'Привет κόσμε שלום', ['привет', 'κοσμε', 'שלום']],
    ['Korean syllables whole', '안녕 세계', ['안녕', '세계']],
    ['vowel signs of Hindi with their words', 'नमस्ते दुनिया', ['नमस्ते', 'दुनिया']],
    ['neighbours where words have no spaces', '全文検索', ['全文', '文検', '検索']],
    ['a single character by itself', '犬 a', ['犬', 'a']],
    ['Chinese beside English', 'MCP协议', ['mcp', '协议']],
    ['nothing in signs', '?! … —', []],
  ])('are %s', (_what, text, expected) => {
    expect(tokenize(text)).toEqual(expected);
  });

  it('know where they stand', () => {
    const text = 'Über 検索語 𝒳x';
    expect(Array.from(termsIn(text), ({ start, end }) => text.slice(start, end))).toEqual([
      'Über',
      '検索',
      '索語',
      '𝒳x',
    ]);
  });

  it('of encoded data are no longer than their beginning', () => {
    expect(tokenize('A'.repeat(5_000))).toEqual(['a'.repeat(64)]);
  });
});
