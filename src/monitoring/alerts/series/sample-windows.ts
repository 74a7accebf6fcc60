import type { Labels, Sample } from '../../../core/index.js';
import type { Selector } from '../condition/condition.js';
import type { Matcher } from '../condition/syntax.js';
import type { Points } from './extrapolated.js';

/** The samples of one series, in a ring that all series turn together; `NaN` where there was none. */
export class Track {
  readonly values: Float64Array;

  /** @param bound - of a histogram's bucket */
  constructor(
    readonly labels: Labels,
    readonly bound: number | undefined,
    size: number,
  ) {
    this.values = new Float64Array(size).fill(Number.NaN);
  }
}

interface Need {
  readonly selector: Selector;
  readonly matches: (labels: Labels) => boolean;
  readonly tracks: Track[];
}

/** The part of the rings that a window is about. */
interface Within {
  readonly slots: readonly number[];
  readonly times: readonly number[];
}

/** What is kept of one series as telemetry has it. */
interface Kept {
  readonly value?: Track;
  readonly sum?: Track;
  readonly count?: Track;
  readonly buckets?: readonly Track[];
}

/**
 * The latest samples of the series that some selectors are about, and of no others.
 *
 * Memory: 8 bytes for each of `size` samples of each series; how many series a metric has is bounded by telemetry.
 */
export class SampleWindows {
  readonly #needs = new Map<string, Need>();
  readonly #byMetric = new Map<string, Need[]>();
  readonly #kept = new Map<string, Map<string, Kept>>();
  readonly #tracks: Track[] = [];
  readonly #times: Float64Array;
  #taken = 0;
  readonly #withins = new Map<number, Within>();

  /**
   * @param options.size - samples that are kept
   * @param options.bornAtZero - whether a counter that appears was 0 the time before: true of those of this process
   */
  constructor(
    selectors: Iterable<Selector>,
    private readonly options: { readonly size: number; readonly bornAtZero: boolean },
  ) {
    this.#times = new Float64Array(options.size);
    for (const selector of selectors) this.#add(selector);
  }

  /** The metrics of which samples are wanted. */
  get metrics(): ReadonlySet<string> {
    return new Set(this.#byMetric.keys());
  }

  /** How many series are kept. */
  get series(): number {
    return this.#tracks.length;
  }

  /** Keeps what everything is at a time, in milliseconds, later than the time before. */
  take(at: number, samples: Iterable<Sample>): void {
    const slot = this.#taken % this.options.size;
    this.#times[slot] = at;
    this.#withins.clear();
    for (const { values } of this.#tracks) values[slot] = Number.NaN;
    for (const sample of samples) this.#keep(sample, slot);
    this.#taken++;
  }

  /** The series of a selector. */
  tracks(selector: Selector): readonly Track[] {
    return this.#needs.get(keyOf(selector))?.tracks ?? [];
  }

  /** What a series was when samples were last taken; `undefined` when it was not there. */
  latest({ values }: Track): number | undefined {
    const value = this.#taken === 0 ? undefined : values[(this.#taken - 1) % this.options.size];
    return value === undefined || Number.isNaN(value) ? undefined : value;
  }

  /** The samples of a series not older than this. */
  since(from: number, { values: ring }: Track): Points {
    const { slots, times } = this.#within(from);
    const values: number[] = [];
    for (const slot of slots) values.push(ring[slot] as number);
    if (!values.some((value) => Number.isNaN(value))) return { times, values };
    const there = (_: number, index: number): boolean => !Number.isNaN(values[index]);
    return { times: times.filter(there), values: values.filter(there) };
  }

  /** Where in the rings a window is: the same for all series, so it is looked for once. */
  #within(from: number): Within {
    let within = this.#withins.get(from);
    if (within === undefined) {
      const { size } = this.options;
      const [slots, times]: [number[], number[]] = [[], []];
      for (let index = Math.max(0, this.#taken - size); index < this.#taken; index++) {
        const at = this.#times[index % size] as number;
        if (at < from) continue;
        slots.push(index % size);
        times.push(at);
      }
      this.#withins.set(from, (within = { slots, times }));
    }
    return within;
  }

  #add(selector: Selector): void {
    const key = keyOf(selector);
    if (this.#needs.has(key)) return;
    const need: Need = { selector, matches: matching(selector.matchers), tracks: [] };
    this.#needs.set(key, need);
    const ofMetric = this.#byMetric.get(selector.metric) ?? [];
    this.#byMetric.set(selector.metric, [...ofMetric, need]);
  }

  #keep(sample: Sample, slot: number): void {
    const needs = this.#byMetric.get(sample.name);
    if (needs === undefined) return;
    let ofMetric = this.#kept.get(sample.name);
    if (ofMetric === undefined) this.#kept.set(sample.name, (ofMetric = new Map<string, Kept>()));
    const key = labelsKey(sample.labels);
    let kept = ofMetric.get(key);
    if (kept === undefined) ofMetric.set(key, (kept = this.#begin(sample, needs)));
    set(kept.value, slot, sample.value);
    set(kept.sum, slot, sample.value);
    set(kept.count, slot, sample.count ?? 0);
    if (kept.buckets === undefined) return;
    for (const track of kept.buckets) {
      const bound = track.bound as number;
      set(track, slot, (bound === Infinity ? sample.count : sample.buckets?.get(bound)) ?? 0);
    }
  }

  #begin({ labels, type, buckets }: Sample, needs: readonly Need[]): Kept {
    const wanted = needs.filter(({ matches }) => matches(labels));
    const grows = type !== 'gauge';
    const track = (part: Selector['part']): Track | undefined => {
      const takers = wanted.filter(({ selector }) => selector.part === part);
      return takers.length === 0 ? undefined : this.#track(labels, undefined, grows, takers);
    };
    const takers = wanted.filter(({ selector }) => selector.part === 'buckets');
    const bounds = takers.length === 0 ? [] : [...(buckets?.keys() ?? []), Infinity];
    const [value, sum, count] = [track('value'), track('sum'), track('count')];
    return {
      ...(value && { value }),
      ...(sum && { sum }),
      ...(count && { count }),
      ...(bounds.length > 0 && { buckets: bounds.map((bound) => this.#track(labels, bound, grows, takers)) }),
    };
  }

  #track(labels: Labels, bound: number | undefined, grows: boolean, takers: readonly Need[]): Track {
    const { size, bornAtZero } = this.options;
    const track = new Track(labels, bound, size);
    if (grows && bornAtZero && this.#taken > 0) track.values[(this.#taken - 1) % size] = 0;
    this.#tracks.push(track);
    for (const { tracks } of takers) tracks.push(track);
    return track;
  }
}

function set(track: Track | undefined, slot: number, value: number): void {
  if (track !== undefined) track.values[slot] = value;
}

function keyOf({ metric, part, matchers }: Selector): string {
  return JSON.stringify([metric, part, matchers.map(({ label, operator, value }) => [label, operator, value])]);
}

function labelsKey(labels: Labels): string {
  let key = '';
  for (const name in labels) key += `${labels[name]}\u0000`;
  return key;
}

function matching(matchers: readonly Matcher[]): (labels: Labels) => boolean {
  const tests = matchers.map(({ label, operator, value }) => {
    const negated = operator.startsWith('!');
    // Anchored, as those of Prometheus are.
    const pattern = operator.endsWith('~') ? new RegExp(`^(?:${value})$`, 's') : undefined;
    return (labels: Labels): boolean => {
      const own = labels[label] ?? '';
      return (pattern === undefined ? own === value : pattern.test(own)) !== negated;
    };
  });
  return (labels) => tests.every((test) => test(labels));
}
