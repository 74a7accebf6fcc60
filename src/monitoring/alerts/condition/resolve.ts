import { closest, type MetricFamily } from '../../../core/index.js';
import { durationText } from '../duration.js';
import type { Condition, Measure, Quantity, Selector } from './condition.js';
import { DERIVED_METRICS, type DerivedMetric } from './derived-metrics.js';
import { parseCondition } from './parse.js';
import { ConditionFault, type Arithmetic, type Matcher, type SelectSyntax, type Syntax } from './syntax.js';

/** What a condition may be about: the metrics that the server has. */
export type Catalogue = ReadonlyMap<string, Pick<MetricFamily, 'type' | 'definition'>>;

/** What holds for all conditions. */
export interface Resolving {
  readonly catalogue: Catalogue;
  /** Of what is counted over time without a window of its own. */
  readonly windowMs: number;
  /** Shorter windows hold less than two samples. */
  readonly leastWindowMs: number;
  /** Longer ones are too many samples to keep. */
  readonly mostWindowMs: number;
}

type Apply = Extract<Syntax, { readonly kind: 'apply' }>;
type Read = Selector & { readonly type: MetricFamily['type']; readonly labels: readonly string[] };

const derived = new Map(DERIVED_METRICS.map((metric) => [metric.name, metric]));

/**
 * What a condition means over the metrics that there are.
 *
 * @throws ConditionFault for a metric or label that does not exist, and what cannot be asked of it
 */
export function resolveCondition(syntax: Syntax, resolving: Resolving): Condition {
  const { kind, at } = syntax;
  if (kind !== 'binary') throw new ConditionFault(at, 'this is a number, not a condition: compare it, as `> 5`');
  const { operator } = syntax;
  if (operator === 'and' || operator === 'or') {
    return {
      kind: operator,
      left: resolveCondition(syntax.left, resolving),
      right: resolveCondition(syntax.right, resolving),
    };
  }
  if (isArithmetic(operator)) throw new ConditionFault(at, 'this is a number, not a condition: compare it, as `> 5`');
  const left = quantity(syntax.left, resolving);
  const right = quantity(syntax.right, resolving);
  if (constantOf(left) !== undefined && constantOf(right) !== undefined) {
    throw new ConditionFault(at, 'this compares two numbers, which are always the same: name a metric');
  }
  return { kind: 'compare', operator, left, right };
}

function isArithmetic(operator: string): operator is Arithmetic {
  return ['+', '-', '*', '/'].includes(operator);
}

/** What a quantity without metrics is. */
export function constantOf(one: Quantity): number | undefined {
  return one.kind === 'number' ? one.value : undefined;
}

function quantity(syntax: Syntax, resolving: Resolving): Quantity {
  if (syntax.kind === 'number') return { kind: 'number', value: syntax.value };
  if (syntax.kind === 'select') return bare(syntax, resolving);
  return syntax.kind === 'apply' ? applied(syntax, resolving) : arithmetic(syntax, resolving);
}

function arithmetic(
  { operator, left, right, at }: Extract<Syntax, { kind: 'binary' }>,
  resolving: Resolving,
): Quantity {
  if (!isArithmetic(operator))
    throw new ConditionFault(at, `"${operator}" has two sides that are numbers: use \`and\` to join conditions`);
  const [one, other] = [quantity(left, resolving), quantity(right, resolving)];
  const [a, b] = [constantOf(one), constantOf(other)];
  if (operator === '/' && b === 0) throw new ConditionFault(at, 'nothing can be divided by 0');
  if (a !== undefined && b !== undefined) return { kind: 'number', value: calculate(operator, a, b) };
  return { kind: 'arithmetic', operator, left: one, right: other };
}

/** Of two numbers. */
export function calculate(operator: Arithmetic, left: number, right: number): number {
  if (operator === '+') return left + right;
  if (operator === '-') return left - right;
  return operator === '*' ? left * right : left / right;
}

function bare(select: SelectSyntax, resolving: Resolving): Quantity {
  const formula = derived.get(select.metric);
  if (formula !== undefined) return expanded(formula, select, resolving);
  const { type, labels, ...selector } = read(select, resolving);
  const { metric, at, windowMs } = select;
  if (type === 'counter') {
    throw new ConditionFault(
      at,
      `${metric} only grows: say rate(${metric}[5m]) per second, or increase(${metric}[5m])`,
    );
  }
  if (type === 'histogram')
    throw new ConditionFault(at, `${metric} is a histogram: say avg(${metric}[5m]) or p95(${metric}[5m])`);
  if (windowMs !== undefined) {
    throw new ConditionFault(at, `say what counts of ${metric} over time: avg(…), max(…) or min(…)`);
  }
  const loose = labels.filter((label) => !select.matchers.some((one) => one.label === label && one.operator === '='));
  if (loose.length > 0) {
    throw new ConditionFault(
      at,
      `${metric} has a series for each ${loose.join(' and ')}: say sum(…), max(…), min(…) or avg(…)`,
    );
  }
  return { kind: 'sum', selector, windowMs: undefined };
}

function expanded({ formula, labels }: DerivedMetric, select: SelectSyntax, resolving: Resolving): Quantity {
  const matchers = select.matchers.map((matcher) => ({ ...matcher, label: ownLabel(matcher, select.metric, labels) }));
  const { windowMs, at } = select;
  const within = (syntax: Syntax): Syntax => {
    if (syntax.kind === 'select') return { ...syntax, at, windowMs, matchers: [...syntax.matchers, ...matchers] };
    if (syntax.kind === 'apply') return { ...syntax, at, argument: within(syntax.argument) };
    if (syntax.kind === 'binary') return { ...syntax, at, left: within(syntax.left), right: within(syntax.right) };
    return syntax;
  };
  return quantity(within(parseCondition(formula)), resolving);
}

function ownLabel(
  { label, at }: SelectSyntax['matchers'][number],
  metric: string,
  labels: DerivedMetric['labels'],
): string {
  const own = Object.hasOwn(labels, label) ? labels[label] : undefined;
  if (own !== undefined) return own;
  throw new ConditionFault(at, unknownLabel(metric, label, Object.keys(labels)));
}

function applied(syntax: Apply, resolving: Resolving): Quantity {
  const { name, argument, at } = syntax;
  if (name === 'sum' && argument.kind === 'apply' && ['rate', 'increase'].includes(argument.name)) {
    return applied(argument, resolving);
  }
  if (argument.kind !== 'select') {
    throw new ConditionFault(argument.at, `${name}() takes a metric, as ${name}(rookery_…)`);
  }
  const formula = derived.get(argument.metric);
  if (formula === undefined) return measure(name, read(argument, resolving), argument, resolving, at);
  if (formula.metric === undefined) {
    throw new ConditionFault(
      argument.at,
      `${formula.name} is calculated already: say ${formula.name} or ${formula.name}[10m], without ${name}()`,
    );
  }
  const matchers = argument.matchers.map((one) => ({ ...one, label: ownLabel(one, formula.name, formula.labels) }));
  const select = { ...argument, metric: formula.metric, matchers };
  return measure(name, read(select, resolving), select, resolving, at);
}

function measure(
  name: string,
  found: Read,
  { metric, windowMs, at }: SelectSyntax,
  resolving: Resolving,
  functionAt: number,
): Quantity {
  const { type, labels: _, ...selector } = found;
  const wrong = (instead: string): ConditionFault =>
    new ConditionFault(functionAt, `${name}() cannot be had of ${metric}, which is a ${type}: say ${instead}`);
  if (type === 'counter') {
    if (name !== 'rate' && name !== 'increase') throw wrong(`rate(${metric}[5m]) or increase(${metric}[5m])`);
    return { kind: name, selector, windowMs: window(windowMs, at, resolving) };
  }
  if (type === 'histogram') {
    const [sum, count] = [{ ...selector, part: 'sum' } as const, { ...selector, part: 'count' } as const];
    const within = window(windowMs, at, resolving);
    if (name === 'avg') {
      const rate = (of: Selector): Measure => ({ kind: 'rate', selector: of, windowMs: within });
      return { kind: 'arithmetic', operator: '/', left: rate(sum), right: rate(count) };
    }
    if (!/^p\d/.test(name)) throw wrong(`avg(${metric}[5m]), p95(${metric}[5m]) or rate(${metric}_count[5m])`);
    const share = Number(name.slice(1)) / 100;
    return { kind: 'quantile', selector: { ...selector, part: 'buckets' }, count, windowMs: within, share };
  }
  if (name !== 'sum' && name !== 'max' && name !== 'min' && name !== 'avg')
    throw wrong(`sum(${metric}), max(${metric}), min(${metric}) or avg(${metric})`);
  if (name === 'sum' && windowMs !== undefined)
    throw new ConditionFault(at, 'sum() has no window: say avg(…[5m]), max(…[5m]) or min(…[5m])');
  return { kind: name, selector, windowMs: windowMs === undefined ? undefined : window(windowMs, at, resolving) };
}

function window(given: number | undefined, at: number, { windowMs, leastWindowMs, mostWindowMs }: Resolving): number {
  const wanted = given ?? windowMs;
  if (wanted < leastWindowMs) {
    throw new ConditionFault(
      at,
      `a window of ${durationText(wanted)} holds less than two samples: make it ${durationText(leastWindowMs)} or more, or monitoring.metrics.collectionInterval shorter`,
    );
  }
  if (wanted > mostWindowMs) {
    throw new ConditionFault(
      at,
      `a window of ${durationText(wanted)} is more samples than are kept: make it ${durationText(mostWindowMs)} or less, or monitoring.metrics.collectionInterval longer`,
    );
  }
  return wanted;
}

/** The metric, by its own name or as one of the two counters of a histogram. */
function read({ metric, matchers, at }: SelectSyntax, { catalogue }: Resolving): Read {
  const [, histogram = '', part] = /^(.+)_(sum|count)$/.exec(metric) ?? [];
  const family = catalogue.get(metric);
  const whole = family === undefined ? catalogue.get(histogram) : undefined;
  if (family === undefined && whole?.type !== 'histogram')
    throw new ConditionFault(at, unknownMetric(metric, catalogue));
  const labels = (family ?? whole)?.definition.labels ?? [];
  for (const { label, at: place } of matchers) {
    if (!labels.includes(label)) throw new ConditionFault(place, unknownLabel(metric, label, labels));
  }
  const kept = matchers.map(({ label, operator, value }): Matcher => ({ label, operator, value }));
  if (family !== undefined) return { metric, part: 'value', matchers: kept, type: family.type, labels };
  return { metric: histogram, part: part as 'sum' | 'count', matchers: kept, type: 'counter', labels };
}

function unknownMetric(metric: string, catalogue: Catalogue): string {
  const known = [...derived.keys(), ...catalogue.keys()];
  const meant = closest(metric, known);
  if (meant !== undefined) return `there is no metric ${metric}; did you mean ${meant}?`;
  return `there is no metric ${metric} in this server: GET /metrics has them, and ${[...derived.keys()].join(', ')} are calculated`;
}

function unknownLabel(metric: string, label: string, labels: readonly string[]): string {
  if (labels.length === 0) return `${metric} has no labels`;
  const meant = closest(label, labels);
  return `${metric} has no label ${label}; ${meant === undefined ? `it has ${labels.join(', ')}` : `did you mean ${meant}?`}`;
}
