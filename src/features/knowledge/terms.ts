import { stem } from './stem.js';

/** A word of a text: as the index knows it, and where it stands. */
export interface Term {
  /** Lower case, without accents and endings. */
  readonly term: string;
  /** Offset of its first character. */
  readonly start: number;
  /** Offset past its last. */
  readonly end: number;
}

/** Scripts that are written without spaces: their words cannot be told apart without a dictionary. */
const UNSPACED =
  '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Thai}\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}';
const RUN = new RegExp(`([${UNSPACED}]+)|(?:(?![${UNSPACED}])[\\p{L}\\p{M}\\p{N}])+`, 'gu');
const STARTS_UNSPACED = new RegExp(`^[${UNSPACED}]`, 'u');
/** Longer ones are keys and encoded data; nobody types them, and their beginning finds them. */
const MAX_LENGTH = 64;

/**
 * The terms of a text, in order. Letters and digits of any script make a word; a run of a script without spaces gives
 * every pair of neighbouring characters, so that any part of it is found.
 */
export function* termsIn(text: string): Generator<Term, void> {
  for (const { 0: run, 1: unspaced, index } of text.matchAll(RUN)) {
    if (unspaced === undefined) yield { term: normalize(run), start: index, end: index + run.length };
    else yield* pairsIn(unspaced, index);
  }
}

/** {@link termsIn} without the places. */
export function tokenize(text: string): string[] {
  return Array.from(termsIn(text), ({ term }) => term);
}

/** Whether a term is of a script that is written without spaces. */
export function isUnspaced(term: string): boolean {
  return STARTS_UNSPACED.test(term);
}

function* pairsIn(run: string, offset: number): Generator<Term, void> {
  const characters = Array.from(run);
  let start = offset;
  for (const [position, character] of characters.entries()) {
    const next = characters[position + 1] ?? '';
    if (next !== '' || position === 0)
      yield { term: character + next, start, end: start + character.length + next.length };
    start += character.length;
  }
}

const ASCII = /^[0-9A-Za-z]*$/;
const ACCENTS = /[\u0300-\u036f]/g;

function normalize(word: string): string {
  const short = word.slice(0, MAX_LENGTH);
  if (ASCII.test(short)) return stem(short.toLowerCase());
  return short.normalize('NFKD').replaceAll(ACCENTS, '').normalize('NFC').toLowerCase();
}
