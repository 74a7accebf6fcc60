import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { InMemoryTelemetry, type Labels, type Sample } from '../../src/core/index.js';
import { DERIVED_METRICS, prometheusRules } from '../../src/monitoring/index.js';
import { alertRules, type AlertRule } from '../../src/monitoring/alerts/alert-rule.js';
import { AlertWatch } from '../../src/monitoring/alerts/alert-watch.js';
import { alertsOptions } from '../../src/monitoring/alerts/alerts.options.js';
import { measuresOf, selectorsOf } from '../../src/monitoring/alerts/condition/condition.js';
import { durationText } from '../../src/monitoring/alerts/duration.js';
import { SampleWindows } from '../../src/monitoring/alerts/series/sample-windows.js';
import { runPromtool } from '../support/prometheus/index.js';

const BOUNDS = [0.1, 1, 5, 10];
const folder = mkdtempSync(join(tmpdir(), 'rookery-alerts-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** One series over time: what it is at each look; `undefined` where it is not there. */
interface Played {
  readonly name: string;
  readonly labels: Labels;
  readonly type: Sample['type'];
  readonly values: readonly (number | undefined)[];
  /** Of a histogram: at each look the observations so far, by the bucket they fell into, the last being +Inf. */
  readonly counts?: readonly (readonly number[])[];
}

/** Numbers by chance that are the same each time (mulberry32). */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = Math.trunc(state + 0x6d2b79f5);
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function rulesOf(rules: object, intervalMs: number, window = '5m'): readonly AlertRule[] {
  const telemetry = new InMemoryTelemetry();
  telemetry.counter({ name: 'rookery_calls_total', help: '', labels: ['kind', 'target', 'outcome'] });
  telemetry.counter({ name: 'rookery_cache_requests_total', help: '', labels: ['tool', 'result'] });
  telemetry.gauge({ name: 'rookery_calls_in_flight', help: '', labels: ['kind'] });
  telemetry.histogram({ name: 'rookery_tool_duration_seconds', help: '', labels: ['tool'], buckets: BOUNDS });
  const options = alertsOptions.parse({ rules, window });
  const read = alertRules(options, { families: telemetry.families(), intervalMs, actions: new Set(['send_alert']) });
  expect(read.faults).toEqual([]);
  return read.rules;
}

/** At which looks each rule fires, as our own evaluator has it. */
function firingHere(
  rules: readonly AlertRule[],
  played: readonly Played[],
  intervalMs: number,
  looks: number,
): boolean[][] {
  const selectors = rules.flatMap(({ condition }) => [...measuresOf(condition)].flatMap(selectorsOf));
  const windows = new SampleWindows(selectors, { size: 1_000, bornAtZero: false });
  const watches = rules.map((rule) => new AlertWatch(rule, {}));
  return Array.from({ length: looks }, (_, look) => {
    const at = look * intervalMs;
    windows.take(
      at,
      played.flatMap((series) => sampleAt(series, look)),
    );
    return watches.map((watch) => {
      watch.look(windows, { at, now: at, silenced: false });
      return watch.stage === 'firing';
    });
  });
}

function sampleAt({ name, labels, type, values, counts }: Played, look: number): readonly Sample[] {
  const value = values[look];
  if (value === undefined) return [];
  const fell = counts?.[look];
  if (fell === undefined) return [{ name, labels, type, value }];
  const running = fell.map((_, index) => fell.slice(0, index + 1).reduce((sum, one) => sum + one, 0));
  const buckets = new Map(BOUNDS.map((bound, index) => [bound, running[index] as number]));
  return [{ name, labels, type, value, count: running.at(-1) as number, buckets }];
}

/** The series as the tests of promtool are given them. */
function inputSeries(played: readonly Played[]): readonly { readonly series: string; readonly values: string }[] {
  return played.flatMap((one) => {
    const { name, labels, values, counts } = one;
    const series = (suffix: string, more: Labels = {}): string =>
      `${name}${suffix}{${Object.entries({ ...labels, ...more })
        .map(([label, value]) => `${label}="${value}"`)
        .join(',')}}`;
    const line = (own: string, at: (look: number) => number | undefined): { series: string; values: string } => ({
      series: own,
      values: values.map((_, look) => at(look) ?? '_').join(' '),
    });
    if (counts === undefined) return [line(series(''), (look) => values[look])];
    const sample = (look: number): Sample | undefined => sampleAt(one, look)[0];
    return [
      line(series('_sum'), (look) => sample(look)?.value),
      line(series('_count'), (look) => sample(look)?.count),
      ...BOUNDS.map((bound) =>
        line(series('_bucket', { le: String(bound) }), (look) => sample(look)?.buckets?.get(bound)),
      ),
      line(series('_bucket', { le: '+Inf' }), (look) => sample(look)?.count),
    ];
  });
}

interface Test {
  readonly rules: readonly AlertRule[];
  readonly intervalMs: number;
  readonly played: readonly Played[];
  readonly firing: readonly (readonly boolean[])[];
}

/** Lets promtool check the exported rules, and that they fire exactly where `firing` says. */
async function promtoolAgrees(name: string, { rules, intervalMs, played, firing }: Test): Promise<string> {
  const file = join(folder, `${name}.rules.yaml`);
  const tests = join(folder, `${name}.test.yaml`);
  writeFileSync(file, stringify(prometheusRules(rules, intervalMs, { by: ['job', 'instance'] }), { lineWidth: 0 }));
  const interval = durationText(intervalMs);
  writeFileSync(
    tests,
    stringify({
      rule_files: [file],
      evaluation_interval: interval,
      tests: [
        {
          interval,
          input_series: inputSeries(played),
          alert_rule_test: firing.flatMap((row, look) =>
            row.map((fires, index) => ({
              eval_time: durationText(look * intervalMs),
              alertname: rules[index]?.name,
              exp_alerts: fires ? [expected(rules[index] as AlertRule)] : [],
            })),
          ),
        },
      ],
    }),
  );
  const checked = await runPromtool(['check', 'rules', file]);
  if (checked.code !== 0) return checked.output;
  const tested = await runPromtool(['test', 'rules', tests]);
  return tested.code === 0 ? '' : tested.output;
}

/** What Prometheus makes of a rule that fires: what is in braces stands as it was written. */
function expected({ labels, summary, text }: AlertRule): object {
  return { exp_labels: labels, exp_annotations: { condition: text, ...(summary !== undefined && { summary }) } };
}

const GUIDE = {
  high_error_rate: { condition: 'error_rate > 0.05', duration: '5m', action: 'send_alert' },
  high_latency: { condition: 'avg_response_time > 5s', duration: '2m', action: 'send_alert' },
};

function calls(outcome: string, perLook: (look: number) => number, looks: number): Played {
  let total = 0;
  const values = Array.from({ length: looks }, (_, look) => (total += perLook(look)));
  return { name: 'rookery_calls_total', labels: { kind: 'tool', target: 'search', outcome }, type: 'counter', values };
}

function durations(
  perLook: (look: number) => { readonly count: number; readonly seconds: number },
  looks: number,
): Played {
  const fell = [0, 0, 0, 0, 0];
  let sum = 0;
  const values: number[] = [];
  const counts: number[][] = [];
  for (let look = 0; look < looks; look++) {
    const { count, seconds } = perLook(look);
    const bucket = BOUNDS.findIndex((bound) => seconds <= bound);
    fell[bucket === -1 ? BOUNDS.length : bucket]! += count;
    values.push((sum += count * seconds));
    counts.push([...fell]);
  }
  return { name: 'rookery_tool_duration_seconds', labels: { tool: 'search' }, type: 'histogram', values, counts };
}

describe('the rules of alerts for Prometheus', () => {
  it("[O4] are the guide's two, and fire and do not fire as they do here", async () => {
    const intervalMs = 30_000;
    const rules = rulesOf(GUIDE, intervalMs);
    const looks = 80;
    const bad = (look: number): boolean => look >= 20 && look < 50;
    const played = [
      calls('ok', () => 9, looks),
      calls('internal', (look) => (bad(look) ? 1 : 0), looks),
      // Whom a rule refuses is no error, however often.
      calls('forbidden', () => 50, looks),
      durations((look) => ({ count: 10, seconds: bad(look) ? 9 : 0.5 }), looks),
    ];
    const firing = firingHere(rules, played, intervalMs, looks);
    expect(firing.map(([errors]) => errors).indexOf(true)).toBeGreaterThan(30);
    expect(firing.map(([, latency]) => latency).indexOf(true)).toBeGreaterThan(24);
    expect(firing.at(-1)).toEqual([false, false]);
    expect(await promtoolAgrees('guide', { rules, intervalMs, played, firing })).toBe('');
    // promtool does look: told the opposite of one moment, it objects.
    const wrong = firing.map((row, look) => (look === 40 ? row.map((fires) => !fires) : row));
    expect(await promtoolAgrees('guide-wrong', { rules, intervalMs, played, firing: wrong })).toContain(
      'high_error_rate',
    );
  }, 300_000);

  it.each(Array.from({ length: 12 }, (_, seed) => seed + 1))(
    '[O4] mean the same over generated series (seed %i)',
    async (seed) => {
      const random = chance(seed);
      const intervalMs = 20_000;
      const looks = 60;
      const rules = rulesOf(generatedRules(random), intervalMs, '70s');
      const played = generatedSeries(random, looks);
      const firing = firingHere(rules, played, intervalMs, looks);
      expect(await promtoolAgrees(`seed-${seed}`, { rules, intervalMs, played, firing })).toBe('');
      const fired = firing.flat().filter(Boolean).length;
      expect(fired).toBeGreaterThan(0);
      expect(fired).toBeLessThan(firing.flat().length);
    },
    300_000,
  );
});

it('[O6] the page of alerts has the formula of every metric of the guide', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/guide/alerts.md'), 'utf8');
  const rows = DERIVED_METRICS.map(({ name, means, formula, labels }) => {
    const named = Object.keys(labels).map((label) => `\`${label}\``);
    return `| \`${name}\` | ${means} | \`${formula.replaceAll('|', '\\|')}\` | ${named.join(', ')} |`;
  });
  expect(page.match(/^\| `\w+` \| .*\| `.*` \| .*\|$/gm)).toEqual(rows);
});

/** One of each kind of condition, with thresholds and windows by chance. */
function generatedRules(random: () => number): object {
  const window = (): string => ['50s', '90s', '130s', '3m10s'][Math.floor(random() * 4)] as string;
  const share = (): string => (random() * 0.6 + 0.00137).toFixed(5);
  const wait = (): string => ['0s', '20s', '1m'][Math.floor(random() * 3)] as string;
  const conditions = [
    `error_rate > ${share()}`,
    `error_rate{target="one"}[${window()}] >= ${share()}`,
    `tool_success_rate < ${share()} or cache_hit_rate < ${share()}`,
    `avg_response_time > ${(random() * 6).toFixed(4)}s and error_rate[${window()}] > ${share()}`,
    `tool_execution_time{tool=~"one|t.*"} > ${(random() * 4_000).toFixed(3)}ms`,
    `concurrent_requests > ${Math.floor(random() * 12)}.5`,
    `max(rookery_calls_in_flight[${window()}]) - min(rookery_calls_in_flight[${window()}]) >= ${Math.floor(random() * 6)}`,
    `avg(rookery_calls_in_flight{kind!="prompt"}[${window()}]) < ${(random() * 6).toFixed(4)}`,
    `p95(tool_execution_time[${window()}]) > ${(random() * 9).toFixed(4)}`,
    `p50(rookery_tool_duration_seconds{tool="two"}[${window()}]) != ${(random() * 3).toFixed(4)}`,
    `rate(rookery_calls_total{outcome!~"ok|task"}[${window()}]) * 60 > ${(random() * 30).toFixed(4)}`,
    `sum(increase(rookery_calls_total{kind="tool"}[${window()}])) < ${(random() * 60).toFixed(4)}`,
    `(rate(rookery_calls_total{outcome="timeout"}[${window()}]) / rate(rookery_calls_total[${window()}]) > 12.3% or concurrent_requests >= 9) and 0.5 < rate(rookery_tool_duration_seconds_count[${window()}])`,
    `1 / rate(rookery_calls_total{target="two"}[${window()}]) > ${(random() * 9).toFixed(4)}`,
  ];
  return Object.fromEntries(
    conditions.map((condition, index) => {
      const keep = random() < 0.3 ? { keepFiringFor: '40s' } : {};
      return [`rule_${index}`, { condition, for: wait(), summary: 'As {{ it }} is.', ...keep }];
    }),
  );
}

/** Counters that rest, burst, appear late, miss looks and begin again at 0; gauges; a histogram for each tool. */
function generatedSeries(random: () => number, looks: number): readonly Played[] {
  const counter = (name: string, labels: Labels): Played => {
    const begins = random() < 0.4 ? Math.floor(random() * 30) : 0;
    let value = Math.floor(random() * 20);
    let pace = random() * 10;
    const values = Array.from({ length: looks }, (_, look) => {
      if (random() < 0.15) pace = random() < 0.4 ? 0 : random() * 20;
      if (random() < 0.01) value = 0;
      value += Math.floor(random() * pace);
      return look < begins || random() < 0.03 ? undefined : value;
    });
    return { name, labels, type: 'counter', values };
  };
  const gauge = (kind: string): Played => {
    let value = Math.floor(random() * 8);
    const values = Array.from({ length: looks }, () => {
      value = Math.max(0, value + Math.floor(random() * 5) - 2);
      return value;
    });
    return { name: 'rookery_calls_in_flight', labels: { kind }, type: 'gauge', values };
  };
  const histogram = (tool: string): Played => {
    const fell = [0, 0, 0, 0, 0];
    let sum = 0;
    let busy = true;
    const values: number[] = [];
    const counts: number[][] = [];
    for (let look = 0; look < looks; look++) {
      if (random() < 0.1) busy = !busy;
      for (let n = busy ? Math.floor(random() * 12) : 0; n > 0; n--) {
        const seconds = 0.02 * Math.exp(random() * 6.6);
        const bucket = BOUNDS.findIndex((bound) => seconds <= bound);
        fell[bucket === -1 ? BOUNDS.length : bucket]! += 1;
        sum += seconds;
      }
      values.push(sum);
      counts.push([...fell]);
    }
    return { name: 'rookery_tool_duration_seconds', labels: { tool }, type: 'histogram', values, counts };
  };
  const outcomes = ['ok', 'internal', 'tool_error', 'timeout', 'forbidden', 'rate_limited'];
  return [
    ...['one', 'two'].flatMap((target) =>
      outcomes.map((outcome) => counter('rookery_calls_total', { kind: 'tool', target, outcome })),
    ),
    counter('rookery_calls_total', { kind: 'prompt', target: 'one', outcome: 'ok' }),
    ...['hit', 'miss', 'bypass'].map((result) => counter('rookery_cache_requests_total', { tool: 'one', result })),
    ...['tool', 'prompt', 'resource'].map(gauge),
    ...['one', 'two'].map(histogram),
  ];
}
