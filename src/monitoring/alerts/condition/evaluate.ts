import { extrapolated } from '../series/extrapolated.js';
import { histogramQuantile } from '../series/histogram-quantile.js';
import type { SampleWindows, Track } from '../series/sample-windows.js';
import type { Condition, Measure, Quantity } from './condition.js';
import { calculate } from './resolve.js';
import type { Comparison } from './syntax.js';

/** Whether a condition holds, and what it compared. */
export interface Finding {
  readonly met: boolean;
  /** Of the comparison that decided; absent without data. */
  readonly value?: number | undefined;
}

/**
 * Looks whether a condition holds at a time. What there is no data for does not hold, whatever it is compared with.
 *
 * @param at - when samples were last taken, in milliseconds
 */
export function evaluate(condition: Condition, windows: SampleWindows, at: number): Finding {
  if (condition.kind === 'compare') {
    const left = valueOf(condition.left, windows, at);
    const right = valueOf(condition.right, windows, at);
    const value = condition.left.kind === 'number' ? right : left;
    if (left === undefined || right === undefined) return { met: false, value };
    return { met: COMPARE[condition.operator](left, right), value };
  }
  const left = evaluate(condition.left, windows, at);
  const right = evaluate(condition.right, windows, at);
  const met = condition.kind === 'and' ? left.met && right.met : left.met || right.met;
  return { met, value: condition.kind === 'or' && right.met && !left.met ? right.value : left.value };
}

const COMPARE: Readonly<Record<Comparison, (left: number, right: number) => boolean>> = {
  '>': (left, right) => left > right,
  '>=': (left, right) => left >= right,
  '<': (left, right) => left < right,
  '<=': (left, right) => left <= right,
  '==': (left, right) => left === right,
  '!=': (left, right) => left !== right,
};

/** A quantity at a time; `undefined` without data, as where something would be divided by 0. */
export function valueOf(quantity: Quantity, windows: SampleWindows, at: number): number | undefined {
  if (quantity.kind === 'number') return quantity.value;
  if (quantity.kind !== 'arithmetic') return measured(quantity, windows, at);
  const right = valueOf(quantity.right, windows, at);
  if (right === undefined) return undefined;
  const left = valueOf(quantity.left, windows, at);
  if (quantity.operator !== '/') return left === undefined ? undefined : calculate(quantity.operator, left, right);
  // A share of what happened is 0 where nothing of the kind has happened yet.
  return right === 0 ? undefined : (left ?? 0) / right;
}

function measured(measure: Measure, windows: SampleWindows, at: number): number | undefined {
  if (measure.kind === 'quantile') return quantile(measure, windows, at);
  if (!isGrowth(measure)) return gathered(measure.kind, levels(measure, windows, at));
  return growth(measure.kind, windows.tracks(measure.selector), measure.windowMs, windows, at);
}

function isGrowth(measure: Measure): measure is Extract<Measure, { kind: 'rate' | 'increase' }> {
  return measure.kind === 'rate' || measure.kind === 'increase';
}

function growth(
  kind: 'rate' | 'increase',
  tracks: readonly Track[],
  windowMs: number,
  windows: SampleWindows,
  at: number,
): number | undefined {
  let total: number | undefined;
  for (const track of tracks) {
    const grown = extrapolated(kind, windows.since(at - windowMs, track), at - windowMs, at);
    if (grown !== undefined) total = (total ?? 0) + grown;
  }
  return total;
}

function quantile(
  { selector, share, windowMs }: Extract<Measure, { kind: 'quantile' }>,
  windows: SampleWindows,
  at: number,
): number | undefined {
  const byBound = new Map<number, Track[]>();
  for (const track of windows.tracks(selector)) {
    const bound = track.bound as number;
    const known = byBound.get(bound);
    if (known === undefined) byBound.set(bound, [track]);
    else known.push(track);
  }
  const buckets = [...byBound].map(([bound, tracks]) => ({
    bound,
    count: growth('rate', tracks, windowMs, windows, at) ?? 0,
  }));
  return histogramQuantile(
    share,
    buckets.toSorted((one, other) => one.bound - other.bound),
  );
}

type Level = Extract<Measure, { kind: 'sum' | 'max' | 'min' | 'avg' }>;

/** What each gauge is, or was over time. */
function levels({ kind, selector, windowMs }: Level, windows: SampleWindows, at: number): readonly number[] {
  const tracks = windows.tracks(selector);
  if (windowMs === undefined)
    return tracks.map((track) => windows.latest(track)).filter((value) => value !== undefined);
  return tracks
    .map((track) => gathered(kind, windows.since(at - windowMs, track).values))
    .filter((value) => value !== undefined);
}

function gathered(kind: Level['kind'], values: readonly number[]): number | undefined {
  if (values.length === 0) return undefined;
  if (kind === 'max') return values.reduce((one, other) => Math.max(one, other));
  if (kind === 'min') return values.reduce((one, other) => Math.min(one, other));
  const sum = values.reduce((one, other) => one + other, 0);
  return kind === 'sum' ? sum : sum / values.length;
}
