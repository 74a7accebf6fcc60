import { describe, expect, it } from 'vitest';
import { splitIntoSections } from './split-document.js';

const LONE_SURROGATE = /\p{Surrogate}/u;

describe('a document', () => {
  it('is split at headings when it is Markdown, and only then', () => {
    expect(splitIntoSections('# A\nx\n# B\ny', 'page.md')).toHaveLength(2);
    expect(splitIntoSections('# A\nx\n# B\ny', 'page.MARKDOWN')).toHaveLength(2);
    expect(splitIntoSections('# A\nx\n# B\ny', 'notes.txt')).toEqual([{ title: 'notes', text: '# A\nx\n# B\ny' }]);
  });

  it('is cut at paragraphs when it is long, and loses nothing', () => {
    const paragraph = `${'word '.repeat(150).trim()}.`;
    const text = Array.from({ length: 20 }, () => paragraph).join('\n\n');
    const sections = splitIntoSections(text, 'long.txt');
    expect(sections.length).toBeGreaterThan(3);
    expect(sections.every(({ title, text: piece }) => title === 'long' && piece.length <= 4_000)).toBe(true);
    expect(sections.every(({ text: piece }) => piece.startsWith('word') && piece.endsWith('.'))).toBe(true);
    expect(sections.map(({ text: piece }) => piece).join('\n\n')).toBe(text);
  });

  it('without any border is cut between characters, not in them', () => {
    const sections = splitIntoSections(`a${'😀'.repeat(5_000)}`, 'faces.txt');
    expect(sections.some(({ text }) => LONE_SURROGATE.test(text))).toBe(false);
    expect(sections.map(({ text }) => text).join('')).toBe(`a${'😀'.repeat(5_000)}`);
  });
});
