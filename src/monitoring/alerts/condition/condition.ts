import type { Arithmetic, Comparison, Matcher } from './syntax.js';

/** Series of one metric. */
export interface Selector {
  /** The name of the metric; for a histogram without `_bucket`, `_sum`, `_count`. */
  readonly metric: string;
  readonly part: 'value' | 'sum' | 'count' | 'buckets';
  readonly matchers: readonly Matcher[];
}

/** A number that is read off series. All series of the selector count together. */
export type Measure =
  /** Of counters: growth per second, or in all, as Prometheus extrapolates it; summed. */
  | { readonly kind: 'rate' | 'increase'; readonly selector: Selector; readonly windowMs: number }
  /** Of a histogram: the size below which this share of the observations is. */
  | {
      readonly kind: 'quantile';
      readonly selector: Selector;
      readonly count: Selector;
      readonly windowMs: number;
      readonly share: number;
    }
  /** Of gauges: as they are, or over time where there is a window. */
  | {
      readonly kind: 'sum' | 'max' | 'min' | 'avg';
      readonly selector: Selector;
      readonly windowMs: number | undefined;
    };

/** What can be compared. */
export type Quantity =
  | { readonly kind: 'number'; readonly value: number }
  | Measure
  | { readonly kind: 'arithmetic'; readonly operator: Arithmetic; readonly left: Quantity; readonly right: Quantity };

/** What holds or does not. */
export type Condition =
  | { readonly kind: 'compare'; readonly operator: Comparison; readonly left: Quantity; readonly right: Quantity }
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition };

/** Every measure of a condition. */
export function* measuresOf(node: Condition | Quantity): Generator<Measure> {
  if (node.kind === 'number') return;
  if ('left' in node) {
    yield* measuresOf(node.left);
    yield* measuresOf(node.right);
  } else yield node;
}

/** Every selector that a measure reads. */
export function selectorsOf(measure: Measure): readonly Selector[] {
  return measure.kind === 'quantile' ? [measure.selector, measure.count] : [measure.selector];
}
