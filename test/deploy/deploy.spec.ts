import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Telemetry, type OutcomeCode, type StandaloneServer } from '../../src/index.js';
import { MetricsPage } from '../../src/monitoring/index.js';
import { postModern } from '../e2e/support/http-messages.js';
import { seriesOn, valueOf } from '../e2e/support/metrics-text.js';
import { startLlmServer, type LlmServer } from '../support/llm/llm-server.js';
import { ollamaWire } from '../support/llm/ollama-wire.js';
import { runAmtool, runPromtool } from '../support/prometheus/index.js';
import { startRedis, type RedisServer } from '../support/servers/index.js';
import { DEPLOY, readDashboard, readRules, type Panel } from './deploy-files.js';
import { KEY, makeFullServer } from './full-server.js';
import { comparedWith, groupingLabels, usedMetrics } from './promql-names.js';

interface Definition {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly labels: readonly string[];
  readonly help: string;
}

/** Every way in which a call can end; the compiler knows whether they are all here. */
const OUTCOMES: Readonly<Record<OutcomeCode, true>> = {
  ok: true,
  input_required: true,
  task: true,
  unknown: true,
  invalid_arguments: true,
  unauthenticated: true,
  insufficient_scope: true,
  forbidden: true,
  rate_limited: true,
  overloaded: true,
  breaker_open: true,
  timeout: true,
  cancelled: true,
  tool_error: true,
  internal: true,
};
/** Labels that Prometheus gives to whatever it scrapes: deploy/prometheus/prometheus.yml. */
const TARGET_LABELS = ['job', 'instance', 'server'];
/** What Prometheus itself adds, with its labels. */
const OF_PROMETHEUS: readonly (readonly [string, readonly string[]])[] = [
  ['up', []],
  ['ALERTS', ['alertname', 'alertstate', 'severity', 'check', 'tool', 'reason', 'reaction', 'event', 'metric']],
];

const repository = join(DEPLOY, '..');
const rules = readRules().groups.flatMap((group) => group.rules);
const dashboard = readDashboard();
const expressionsOf = (panels: readonly Panel[]): readonly (readonly [string, string])[] =>
  panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const));
const variables = dashboard.templating.list.flatMap(({ name, definition }) => {
  const [, selector = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(definition ?? '') ?? [];
  return definition === undefined ? [] : [[`$${name}`, `sum by (${label}) (${selector})`] as const];
});
const expressions = [
  ...rules.map(({ alert, record, expr }) => [alert ?? record ?? '', expr] as const),
  ...expressionsOf(dashboard.panels),
  ...dashboard.annotations.list.flatMap(({ expr }) => (expr === undefined ? [] : [['annotation', expr] as const])),
  ...variables,
];

/** What the code defines, and every name with its labels under which it is scraped. */
const definitions = definedMetrics();
const known = new Map<string, readonly string[]>(OF_PROMETHEUS);
for (const { name, type, labels } of definitions) {
  if (type === 'histogram') {
    for (const suffix of ['_sum', '_count']) known.set(`${name}${suffix}`, labels);
    known.set(`${name}_bucket`, [...labels, 'le']);
  } else known.set(name, labels);
}
for (const { record, expr } of rules) if (record !== undefined) known.set(record, groupingLabels(expr));

function definedMetrics(): readonly Definition[] {
  const { stdout, stderr } = spawnSync(process.execPath, ['scripts/metrics-reference.mjs', '--json'], {
    cwd: repository,
    encoding: 'utf8',
  });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as readonly Definition[];
}

describe('a server with every part', () => {
  let home: string;
  let redis: RedisServer;
  let llm: LlmServer;
  let standalone: StandaloneServer;
  let page: string;

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'rookery-deploy-'));
    redis = await startRedis();
    llm = await startLlmServer(ollamaWire);
    standalone = await makeFullServer({ home, redisUrl: redis.url, llmOrigin: llm.origin });
    const url = await standalone.start();
    const headers = { authorization: `Bearer ${KEY}` };
    for (const name of ['answer', 'answer', 'fail', 'broken', 'broken', 'rare', 'rare', 'nowhere']) {
      await (await postModern(url, 'tools/call', { name, arguments: {} }, { headers })).arrayBuffer();
    }
    const ask = { name: 'ask', arguments: { prompt: 'Who are you?', model: 'ollama:llama3.2:3b' } };
    await (await postModern(url, 'tools/call', ask, { headers })).arrayBuffer();
    await (await postModern(url, 'prompts/get', { name: 'say' }, { headers })).arrayBuffer();
    await (await postModern(url, 'resources/read', { uri: 'part://one' }, { headers })).arrayBuffer();
    await (await postModern(url, 'tools/list')).arrayBuffer();
    page = await standalone.app.get(MetricsPage).text();
    for (const series of seriesOn(page)) {
      const [, name = '', labels = ''] = /^([\w:]+)(?:\{(.*)\})?$/.exec(series) ?? [];
      if (name.startsWith('rookery_')) continue;
      known.set(
        name,
        Array.from(labels.matchAll(/(\w+)="/g), ([, label = '']) => label),
      );
    }
  }, 300_000);
  afterAll(async () => {
    await standalone.stop();
    await llm.stop();
    await redis.stop();
    rmSync(home, { recursive: true, force: true });
  });

  it('[O1] defines its metrics as the page on metrics says', () => {
    const families = standalone.app.get(Telemetry).families();
    const own = families.filter(({ definition: { name } }) => name.startsWith('rookery_'));
    expect(own.length).toBeGreaterThan(40);
    for (const { type, definition } of own) {
      const { name, help, labels = [] } = definition;
      expect(definitions.find((defined) => defined.name === name)).toMatchObject({ name, type, help, labels });
    }
  });

  it('[O1] has every metric of nodes and language models on its page', () => {
    const model = { provider: 'ollama', model: 'llama3.2:3b' };
    expect(valueOf(page, 'rookery_node_duration_seconds_count', { node: 'LLMAgentNode' })).toBe(1);
    expect(valueOf(page, 'rookery_llm_requests_total', { ...model, outcome: 'ok' })).toBe(1);
    expect(valueOf(page, 'rookery_llm_duration_seconds_count', model)).toBe(1);
    expect(valueOf(page, 'rookery_llm_tokens_total', { ...model, direction: 'input' })).toBe(26);
    expect(valueOf(page, 'rookery_llm_tokens_total', { ...model, direction: 'output' })).toBe(12);
    expect(valueOf(page, 'rookery_llm_cost_total', { ...model, currency: 'USD' })).toBeCloseTo(50 / 1_000_000);
  });

  it('[O1] passes promtool check metrics', async () => {
    expect(await runPromtool(['check', 'metrics'], page)).toEqual({ code: 0, output: '' });
  });

  it.each(expressions)('[O1] has the metrics and labels that "%s" of deploy/ uses', (_title, expression) => {
    const used = usedMetrics(expression);
    expect(used).not.toEqual([]);
    for (const { name, labels } of used) {
      expect([...known.keys()], `${name} is no metric of this server: was it renamed?`).toContain(name);
      const its = [...(known.get(name) ?? []), ...TARGET_LABELS];
      for (const label of labels) expect(its, `${name} has no label ${label}`).toContain(label);
    }
  });

  it.each(dashboard.panels.flatMap(({ title, targets = [] }) => targets.map((target) => ({ title, ...target }))))(
    '[O1] has the labels that "$title" shows as $legendFormat',
    ({ expr, legendFormat }) => expect(missingLabels(expr, legendFormat, /\{\{(\w+)\}\}/g)).toEqual([]),
  );

  it.each(rules.filter(({ annotations }) => annotations !== undefined))(
    '[O1] has the labels that the text of $alert names',
    ({ expr, annotations = {} }) =>
      expect(missingLabels(expr, Object.values(annotations).join(), /\$labels\.(\w+)/g)).toEqual([]),
  );

  /** Labels that a text names, and the result of an expression does not have. */
  function missingLabels(expr: string, text: string, named: RegExp): readonly string[] {
    const grouped = groupingLabels(expr);
    const left =
      grouped.length > 0
        ? grouped
        : usedMetrics(expr).flatMap(({ name }) => {
            const recorded = rules.some(({ record }) => record === name);
            return [...(known.get(name) ?? []), ...(recorded ? [] : TARGET_LABELS)];
          });
    return Array.from(text.matchAll(named), ([, label = '']) => label).filter((label) => !left.includes(label));
  }
});

describe('the files in deploy/', () => {
  it('[O1] compare outcomes with those that there are', () => {
    const compared = new Set(expressions.flatMap(([, expression]) => comparedWith(expression, 'outcome')));
    expect(compared.size).toBeGreaterThan(5);
    for (const outcome of compared) expect(Object.keys(OUTCOMES)).toContain(outcome);
  });

  it('[O1] pass promtool check config and check rules, and amtool check-config', async () => {
    const config = await runPromtool(['check', 'config', join(DEPLOY, 'prometheus/prometheus.yml')]);
    expect(config, config.output).toMatchObject({ code: 0 });
    const checked = await runPromtool(['check', 'rules', join(DEPLOY, 'prometheus/rookery.rules.yml')]);
    expect(checked, checked.output).toMatchObject({ code: 0 });
    const alerting = await runAmtool(['check-config', join(DEPLOY, 'alertmanager/alertmanager.yml')]);
    expect(alerting, alerting.output).toMatchObject({ code: 0 });
  }, 300_000);

  it('[O1] have rules whose expressions Prometheus reads in the dashboard, too', async () => {
    const readable = expressionsOf(dashboard.panels).map(([, expr]) =>
      expr.replaceAll('$__rate_interval', '5m').replaceAll(/\$\w+/g, '.*'),
    );
    const groups = [{ name: 'panels', rules: readable.map((expr, n) => ({ record: `panel:${n}`, expr })) }];
    const home = mkdtempSync(join(tmpdir(), 'rookery-panels-'));
    try {
      const file = join(home, 'panels.yml');
      writeFileSync(file, JSON.stringify({ groups }));
      const checked = await runPromtool(['check', 'rules', file]);
      expect(checked, checked.output).toMatchObject({ code: 0 });
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });

  it('[O1] are a dashboard that Grafana imports: variables, a data source to choose, panels that do not overlap', () => {
    const { schemaVersion, panels, templating, uid, title } = dashboard;
    expect(schemaVersion).toBeGreaterThanOrEqual(36);
    expect({ uid, title }).toEqual({ uid: 'rookery', title: 'Rookery' });
    expect(templating.list.map(({ name, type }) => [name, type])).toEqual([
      ['datasource', 'datasource'],
      ['server', 'query'],
      ['instance', 'query'],
    ]);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const sources = panels.flatMap(({ datasource, targets = [] }) => [
      ...(datasource === undefined ? [] : [datasource.uid]),
      ...targets.map((target) => target.datasource.uid),
    ]);
    expect(new Set(sources)).toEqual(new Set(['${datasource}']));
    const taken = new Set<string>();
    for (const { gridPos, title: panel } of panels) {
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(x, panel).toBeLessThan(24);
          expect(taken, `${panel} lies over another panel`).not.toContain(`${x},${y}`);
          taken.add(`${x},${y}`);
        }
      }
    }
    const rows = panels.filter(({ type }) => type === 'row').map((row) => row.title);
    expect(rows.join()).toBe(
      'Traffic,Errors and refusals,Latency,Limits, breakers, cache,Who calls,Audit,Nodes and language models,Process,Alerts',
    );
  });
});
