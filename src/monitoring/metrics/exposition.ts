import type { Labels, MetricFamily, Sample } from '../../core/index.js';

/** What a page of metrics is served as: the text format of Prometheus, version 0.0.4. */
export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** What the lines of a series begin with: those of buckets, then the value or sum, then the count. */
interface SeriesLines {
  readonly buckets: readonly string[];
  readonly value: string;
  readonly count: string;
}

/**
 * Writes metrics in the text format of Prometheus (Exposition formats, "Text-based format").
 *
 * Only numbers change from one page to the next, so what stands before them is kept with each series: its labels are
 * written and escaped once.
 */
export class Exposition {
  readonly #lines = new WeakMap<Labels, SeriesLines>();

  /** Piece by piece: a metric's head with its first series, then each series. Nothing for a metric without series. */
  *pieces(family: MetricFamily): Generator<string> {
    const { definition, type } = family;
    const { name, help } = definition;
    let head = `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`;
    for (const sample of family.samples()) {
      yield head + this.#text(sample);
      head = '';
    }
  }

  #text(sample: Sample): string {
    const { labels, value, count = 0, buckets } = sample;
    let lines = this.#lines.get(labels);
    if (lines === undefined) this.#lines.set(labels, (lines = linesOf(sample)));
    if (buckets === undefined) return `${lines.value}${numberText(value)}\n`;
    let text = '';
    let at = 0;
    for (const within of buckets.values()) text += `${lines.buckets[at++] as string}${within}\n`;
    return `${text}${lines.buckets[at] as string}${count}\n${lines.value}${numberText(value)}\n${lines.count}${count}\n`;
  }
}

function linesOf({ name, labels, buckets }: Sample): SeriesLines {
  const own = labelText(labels);
  const braced = own === '' ? '' : `{${own}}`;
  if (buckets === undefined) return { buckets: [], value: `${name}${braced} `, count: '' };
  const before = `${name}_bucket{${own === '' ? '' : `${own},`}le="`;
  return {
    buckets: [...buckets.keys(), '+Inf'].map((bound) => `${before}${bound}"} `),
    value: `${name}_sum${braced} `,
    count: `${name}_count${braced} `,
  };
}

function labelText(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${escapeLabel(value)}"`)
    .join(',');
}

function numberText(value: number): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(value);
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"');
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
