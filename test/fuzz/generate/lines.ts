import fc from 'fast-check';
import { spelled, texts, values } from './json.js';
import type { Recipe } from './recipe.js';

/** What is written on a line: a message, or bytes as they are. */
export type Line = (
  | { readonly kind: 'message'; readonly recipe: Recipe }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'bytes'; readonly bytes: readonly number[] }
  | { readonly kind: 'long'; readonly length: number }
) & { readonly end: '\n' | '\r\n' | '\n\n' | ' \n' };

/** How a client on a pipe behaves besides what it says. */
export interface Manners {
  /** Sizes of the pieces in which its bytes arrive, in turn. */
  readonly pieces: readonly number[];
  /** Whether it takes its time to read. */
  readonly slow: boolean;
  /** Whether it goes before everything is answered. */
  readonly leaves: boolean;
}

/** Lines with messages, half messages, no messages and no text. */
export function lines(recipes: fc.Arbitrary<Recipe>): fc.Arbitrary<Line> {
  const end = fc.oneof({ weight: 9, arbitrary: fc.constant('\n') }, fc.constantFrom('\r\n', '\n\n', ' \n'));
  const cut = fc.tuple(values, fc.nat(20)).map(([value, length]) => spelled(value).slice(0, length));
  return fc.oneof(
    { weight: 16, arbitrary: fc.record({ kind: fc.constant('message'), recipe: recipes, end }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('text'), text: fc.oneof(texts, cut), end }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('bytes'), bytes: byteLists, end }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('long'), length: fc.integer({ min: -2, max: 9 }), end }) },
  ) as fc.Arbitrary<Line>;
}

/** Any manners. */
export const manners: fc.Arbitrary<Manners> = fc.record({
  pieces: fc.array(fc.constantFrom(1, 7, 64, 1_000, 16_384), { minLength: 1, maxLength: 4 }),
  slow: fc.boolean(),
  leaves: fc.boolean(),
});

const byteLists = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 1, maxLength: 12 });
