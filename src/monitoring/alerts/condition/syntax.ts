/** How a label must be. */
export interface Matcher {
  readonly label: string;
  readonly operator: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

/** Of two quantities. */
export type Comparison = '>' | '>=' | '<' | '<=' | '==' | '!=';
/** Of two quantities, to a third. */
export type Arithmetic = '+' | '-' | '*' | '/';

/** What stands in a condition, before anybody looks whether its metrics exist. `at` is where, from 1. */
export type Syntax =
  | { readonly kind: 'number'; readonly value: number; readonly at: number }
  | SelectSyntax
  | { readonly kind: 'apply'; readonly name: string; readonly argument: Syntax; readonly at: number }
  | {
      readonly kind: 'binary';
      readonly operator: Arithmetic | Comparison | 'and' | 'or';
      readonly left: Syntax;
      readonly right: Syntax;
      readonly at: number;
    };

/** A metric, or one of the derived ones, with its matchers and perhaps a window. */
export interface SelectSyntax {
  readonly kind: 'select';
  readonly metric: string;
  readonly matchers: readonly (Matcher & { readonly at: number })[];
  readonly windowMs: number | undefined;
  readonly at: number;
}

/** What is wrong with a condition, and where. */
export class ConditionFault extends Error {
  override readonly name = 'ConditionFault';

  /** @param at - the character from which on it is wrong, from 1 */
  constructor(
    readonly at: number,
    reason: string,
  ) {
    super(`at character ${at}: ${reason}`);
  }
}
