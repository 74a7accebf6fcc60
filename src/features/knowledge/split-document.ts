import { markdownSections } from './markdown.js';
import type { Section } from './section.js';

/** Longer texts are cut, so that what is found is near what is shown. */
const MAX_LENGTH = 4_000;

/** Splits a document: Markdown at its headings, and whatever is long at paragraphs. `name` is its file's. */
export function splitIntoSections(text: string, name: string): readonly Section[] {
  const stem = name.replace(/\.[^.]+$/, '');
  const sections = /\.(md|markdown)$/i.test(name) ? markdownSections(text, stem) : [{ title: stem, text: text.trim() }];
  return sections.flatMap((section) =>
    Array.from(pieces(section.text), (piece) => ({ title: section.title, text: piece })),
  );
}

function* pieces(text: string): Generator<string> {
  let rest = text;
  while (rest.length > MAX_LENGTH) {
    const end = endOfPiece(rest);
    yield rest.slice(0, end).trim();
    rest = rest.slice(end).trim();
  }
  if (rest !== '' || text === '') yield rest;
}

/** At the last paragraph, line or word that fits, as long as half a piece is left; else in a word, not in a character. */
function endOfPiece(text: string): number {
  for (const border of ['\n\n', '\n', ' ']) {
    const end = text.lastIndexOf(border, MAX_LENGTH);
    if (end >= MAX_LENGTH / 2) return end;
  }
  return isLowSurrogate(text, MAX_LENGTH) ? MAX_LENGTH - 1 : MAX_LENGTH;
}

function isLowSurrogate(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  return unit >= 0xdc00 && unit <= 0xdfff;
}
