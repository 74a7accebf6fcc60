import { durationText } from '../duration.js';
import { constantOf } from './resolve.js';
import type { Condition, Measure, Quantity, Selector } from './condition.js';

/** Over which series a condition is looked at. */
export interface PromqlScope {
  /** Labels that tell processes apart: `['job', 'instance']` watches each by itself, `[]` all together. */
  readonly by: readonly string[];
}

/** A condition in the language of Prometheus, with the same meaning: what has no data, or would be divided by 0, does not hold. */
export function promql(condition: Condition, scope: PromqlScope): string {
  if (condition.kind !== 'compare') {
    return `(${promql(condition.left, scope)}) ${condition.kind} (${promql(condition.right, scope)})`;
  }
  return `${side(condition.left, scope)} ${condition.operator} ${side(condition.right, scope)}`;
}

function side(quantity: Quantity, scope: PromqlScope): string {
  const text = quantityPromql(quantity, scope);
  return quantity.kind === 'arithmetic' || quantity.kind === 'quantile' ? `(${text})` : text;
}

/** A quantity in the language of Prometheus. */
export function quantityPromql(quantity: Quantity, scope: PromqlScope): string {
  if (quantity.kind === 'number') return number(quantity.value);
  if (quantity.kind !== 'arithmetic') return measurePromql(quantity, scope);
  const left = side(quantity.left, scope);
  const right = side(quantity.right, scope);
  if (quantity.operator !== '/') return `${left} ${quantity.operator} ${right}`;
  if (constantOf(quantity.right) !== undefined) return `${left} / ${right}`;
  const divided = constantOf(quantity.left) === undefined ? `(${left} or ${right} * 0)` : left;
  return `${divided} / (${right} != 0)`;
}

function measurePromql(measure: Measure, { by }: PromqlScope): string {
  const { kind } = measure;
  const within = measure.windowMs === undefined ? '' : `[${durationText(measure.windowMs)}]`;
  const over = (function_: string, labels: readonly string[] = by): string =>
    labels.length === 0 ? function_ : `${function_} by (${labels.join(', ')})`;
  const series = (selector: Selector): string => `${selectorPromql(selector)}${within}`;
  if (kind === 'rate' || kind === 'increase') return `${over('sum')} (${kind}(${series(measure.selector)}))`;
  if (kind === 'quantile') {
    const buckets = `${over('sum', [...by, 'le'])} (rate(${series(measure.selector)}))`;
    const counted = `${over('sum')} (rate(${series(measure.count)}))`;
    return `histogram_quantile(${number(measure.share)}, ${buckets}) and ${counted} > 0`;
  }
  if (within === '') return `${over(kind)} (${series(measure.selector)})`;
  return `${over(kind)} (${kind}_over_time(${series(measure.selector)}))`;
}

const SUFFIXES = { value: '', sum: '_sum', count: '_count', buckets: '_bucket' } as const;

function selectorPromql({ metric, part, matchers }: Selector): string {
  const name = `${metric}${SUFFIXES[part]}`;
  const texts = matchers.map(({ label, operator, value }) => `${label}${operator}${quoted(value)}`);
  return texts.length === 0 ? name : `${name}{${texts.join(',')}}`;
}

function quoted(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

function number(value: number): string {
  return String(value);
}
