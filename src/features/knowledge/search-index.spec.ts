import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { SearchIndex } from './search-index.js';

const timestamp = '2026-01-01T00:00:00.000Z';

async function indexOf(
  documents: Readonly<Record<string, readonly [title: string, text: string][]>>,
): Promise<SearchIndex> {
  const index = new SearchIndex();
  for (const [source, sections] of Object.entries(documents)) {
    await index.put({ source, timestamp, sections: sections.map(([title, text]) => ({ title, text })) }, turn);
  }
  return index;
}

const sources = (index: SearchIndex, query: string): readonly string[] =>
  index.search(query, 50).hits.map(({ source }) => source);

describe('the search index', () => {
  it('finds whole words, words begun and words misspelt', async () => {
    const index = await indexOf({ a: [['Caching', 'Results are kept by configuration.']] });
    for (const query of ['configuration', 'config', 'konfiguration', 'configuratoin'])
      expect(sources(index, query)).toEqual(['a']);
    expect(sources(index, 'unrelated')).toEqual([]);
  });

  it('does not take one short word or number for another', async () => {
    const index = await indexOf({ a: [['Codes', 'error 4041 in cat.js']] });
    expect(sources(index, '4042')).toEqual([]);
    expect(sources(index, 'car')).toEqual([]);
  });

  it('finds parts of texts written without spaces', async () => {
    const index = await indexOf({ a: [['文書', '全文検索は速い']], b: [['文書', '認証']] });
    expect(sources(index, '検索')).toEqual(['a']);
    expect(sources(index, '認')).toEqual(['b']);
  });

  it('puts a title above a mention, and gives the best hit the relevance 1', async () => {
    const index = await indexOf({
      mention: [['Other things', 'The cache is mentioned here, among other things.']],
      title: [['The cache', 'How it works, among other things.']],
    });
    const { hits } = index.search('cache', 10);
    expect(hits.map(({ source }) => source)).toEqual(['title', 'mention']);
    expect(hits[0]?.relevance).toBe(1);
    expect(hits[1]?.relevance).toBeGreaterThan(0);
    expect(hits[1]?.relevance).toBeLessThan(1);
  });

  it('counts every match, also those it does not return', async () => {
    const index = await indexOf({
      a: Array.from({ length: 30 }, (_, number) => [`Part ${number}`, 'needle'] as [string, string]),
    });
    const { total, hits } = index.search('needle', 3);
    expect(total).toBe(30);
    expect(hits).toHaveLength(3);
  });

  it('answers a query without words with nothing', async () => {
    expect((await indexOf({ a: [['A', 'b']] })).search('?!', 10)).toEqual({ total: 0, hits: [] });
  });

  it('replaces a document whole: a search in between finds the old one, and only that', async () => {
    const index = await indexOf({ a: [['A', 'common before']] });
    const text = `common after ${'filler '.repeat(500)}`;
    const sections = Array.from({ length: 200 }, () => ({ title: 'A', text }));
    const seen: number[] = [];
    await index.put({ source: 'a', timestamp, sections }, async () => {
      seen.push(index.search('common', 50).total);
      await turn();
    });
    expect(seen.length).toBeGreaterThan(0);
    expect(new Set(seen)).toEqual(new Set([1]));
    expect(index.search('common', 50).total).toBe(200);
    expect(sources(index, 'before')).toEqual([]);
    expect(index.size).toEqual({ documents: 1, sections: 200 });
  });

  it('forgets a document', async () => {
    const index = await indexOf({ a: [['A', 'needle']], b: [['B', 'needle']] });
    expect(index.remove('a')).toBe(true);
    expect(index.remove('a')).toBe(false);
    expect(sources(index, 'needle')).toEqual(['b']);
  });

  it('answers the longest query in good time', async () => {
    const words = Array.from({ length: 20_000 }, (_, number) => `w${(number * 7919).toString(36)}ing`);
    const index = await indexOf({
      a: words.map((word, number) => [word, `${word} ${words[(number * 31) % 20_000]}`] as [string, string]),
    });
    const start = performance.now();
    index.search(words.slice(0, 100).join(' ').slice(0, 1_000), 10);
    expect(performance.now() - start).toBeLessThan(1_500);
  });
});
