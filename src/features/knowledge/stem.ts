const LETTERS = /^[a-z]{4,}$/;
const VOWEL = /[aeiouy]/;
/** What must be left of a word. */
const MIN_STEM = 3;

/**
 * A word without the endings that English puts on nouns and verbs, so that `caching` and `caches` find `cache`: plural,
 * `-ing`, `-ed`, final `-e`, and the consonant doubled before them.
 *
 * Deliberately no more: a stem that goes further joins words that have nothing to do with each other.
 */
export function stem(word: string): string {
  return LETTERS.test(word) ? withoutE(withoutVerbEnding(withoutPlural(word))) : word;
}

function withoutPlural(word: string): string {
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  return /[^sui]s$/.test(word) ? word.slice(0, -1) : word;
}

function withoutVerbEnding(word: string): string {
  const stemmed = word.replace(/ing$|(?<!e)ed$/, '');
  if (stemmed === word || stemmed.length < MIN_STEM || !VOWEL.test(stemmed)) return word;
  return /([bdfgkmnprtv])\1$/.test(stemmed) && stemmed.length > MIN_STEM ? stemmed.slice(0, -1) : stemmed;
}

function withoutE(word: string): string {
  return word.endsWith('e') && word.length > MIN_STEM ? word.slice(0, -1) : word;
}
