import { termsIn, type Term } from './terms.js';

/** Characters of an excerpt, before the marks that say it was cut. */
export const EXCERPT_LENGTH = 300;
const ELLIPSIS = '…';

/**
 * The part of a text that holds most of the searched terms, on one line and cut at the borders of words.
 *
 * @param terms - normalised, as {@link termsIn} gives them.
 */
export function excerpt(text: string, terms: ReadonlySet<string>, length = EXCERPT_LENGTH): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  if (line.length <= length) return line;
  const hits = Array.from(termsIn(line)).filter(({ term }) => terms.has(term));
  const { start, end } = busiestWindow(hits, length);
  const lead = Math.max(0, Math.floor((length - (end - start)) / 2));
  const latest = line.length - length;
  const from = wordStart(line, Math.min(latest, Math.max(0, start - lead)), start);
  const to = wordEnd(line, Math.min(line.length, from + length), end);
  return `${from > 0 ? ELLIPSIS : ''}${line.slice(from, to).trim()}${to < line.length ? ELLIPSIS : ''}`;
}

interface Window {
  readonly start: number;
  readonly end: number;
}

/** The window with the most different terms, then with the most hits, then the first. */
function busiestWindow(hits: readonly Term[], length: number): Window {
  let best: Window & { readonly score: number } = { start: 0, end: 0, score: 0 };
  const counts = new Map<string, number>();
  let first = 0;
  for (const [last, { term, end }] of hits.entries()) {
    counts.set(term, (counts.get(term) ?? 0) + 1);
    for (; end - hits[first]!.start > length && first < last; first++) {
      const left = hits[first]!.term;
      const count = counts.get(left)! - 1;
      if (count === 0) counts.delete(left);
      else counts.set(left, count);
    }
    const score = counts.size * hits.length + (last - first);
    if (score > best.score) best = { start: hits[first]!.start, end, score };
  }
  return best;
}

/** The beginning of the first whole word at or after `from`, unless the hit comes first. */
function wordStart(line: string, from: number, hit: number): number {
  if (from === 0) return 0;
  const space = line.indexOf(' ', from - 1);
  return space !== -1 && space < hit ? space + 1 : characterBorder(line, from);
}

/** The end of the last whole word at or before `to`, unless that would cut the hit. */
function wordEnd(line: string, to: number, hit: number): number {
  if (to === line.length) return to;
  const space = line.lastIndexOf(' ', to);
  return space > hit ? space : characterBorder(line, to);
}

/** Never between the halves of one character. */
function characterBorder(line: string, index: number): number {
  const unit = line.charCodeAt(index);
  return unit >= 0xdc00 && unit <= 0xdfff ? index - 1 : index;
}
