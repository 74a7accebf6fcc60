import type { Labels, MetricFamily, Sample } from '../../core/index.js';

/** What a page of metrics is served as: the text format of Prometheus, version 0.0.4. */
export const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/**
 * A metric in the text format of Prometheus (Exposition formats, "Text-based format"), piece by piece: its head, then
 * each series. Nothing for a metric without series, which has nothing to be scraped yet.
 */
export function* exposition(family: MetricFamily): Generator<string> {
  const { definition, type } = family;
  const { name, help } = definition;
  let head = `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${type}\n`;
  for (const sample of family.samples()) {
    yield head + (type === 'histogram' ? histogramText(sample) : scalarText(sample));
    head = '';
  }
}

function scalarText({ name, labels, value }: Sample): string {
  const text = labelText(labels);
  return `${name}${text === '' ? '' : `{${text}}`} ${numberText(value)}\n`;
}

function histogramText({ name, labels, value, count = 0, buckets = new Map() }: Sample): string {
  const own = labelText(labels);
  const before = `${name}_bucket{${own === '' ? '' : `${own},`}le="`;
  const braced = own === '' ? '' : `{${own}}`;
  let text = '';
  for (const [bound, within] of buckets) text += `${before}${bound}"} ${within}\n`;
  return `${text}${before}+Inf"} ${count}\n${name}_sum${braced} ${numberText(value)}\n${name}_count${braced} ${count}\n`;
}

function labelText(labels: Labels): string {
  let text = '';
  for (const name in labels) text += `${text === '' ? '' : ','}${name}="${escapeLabel(labels[name] ?? '')}"`;
  return text;
}

function numberText(value: number): string {
  if (value === Infinity) return '+Inf';
  return value === -Infinity ? '-Inf' : String(value);
}

function escapeLabel(text: string): string {
  return /[\\"\n]/.test(text) ? escapeHelp(text).replaceAll('"', '\\"') : text;
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}
