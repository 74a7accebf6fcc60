import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { AdminModule } from '../../src/admin/index.js';
import { application } from '../../src/cli/application.js';
import { run } from '../../src/cli/program.js';
import { packageInfo, type ConfigOverrides } from '../../src/config/index.js';
import { runPromtool } from '../support/prometheus/index.js';
import { KEYS, startMonitored, type Monitored } from './support/monitored.js';

const RULES = {
  high_error_rate: { condition: 'error_rate > 0.05', duration: '5m', action: 'send_alert' },
  high_latency: { condition: 'avg_response_time > 5s', duration: '2m', action: 'send_alert' },
};

const cwd = mkdtempSync(join(tmpdir(), 'rookery-alerts-cli-'));
let server: Monitored;

beforeAll(async () => {
  const alerts = { rules: RULES, actions: { send_alert: { type: 'log' as const } } };
  server = await startMonitored({ alerts }, { imports: [AdminModule] });
});
afterAll(async () => {
  await server.standalone.stop();
  rmSync(cwd, { recursive: true });
});

async function rookery(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  let [stdout, stderr] = ['', ''];
  const code = await run(argv, {
    out: (text) => (stdout += text),
    err: (text) => (stderr += text),
    source: (overrides: ConfigOverrides) => ({ ...overrides, env, cwd, packageDirectory: packageInfo().directory }),
    application,
  });
  return { code, stdout, stderr };
}

/** A command on the running server. */
const onServer = async (argv: readonly string[], key: string = KEYS.operator): ReturnType<typeof rookery> =>
  await rookery([...argv, '--url', server.url], { ROOKERY_API_KEY: key });

/** `export` of the application with this section. */
async function exported(alerts: object, ...argv: readonly string[]): ReturnType<typeof rookery> {
  const file = join(cwd, 'config.yaml');
  const store = { url: `file:${join(cwd, 'store.db')}` };
  const off = { enabled: false };
  writeFileSync(file, stringify({ store, knowledge: off, files: off, monitoring: { alerts } }));
  return await rookery(['alerts', 'export', '--format', 'prometheus', '--config', file, ...argv]);
}

describe('rookery alerts', () => {
  it('[O4] lists, silences and unsilences', async () => {
    const { code, stdout } = await onServer(['alerts', 'list']);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      /^ALERT +STATE +SINCE +VALUE +SILENCED +CONDITION\nhigh_error_rate +inactive +- +no data +- +error_rate > 0\.05 for 5m\n/,
    );
    const silence = ['alerts', 'silence', 'high_latency', '--for', '2h', '--reason', 'moving'];
    expect(await onServer(silence)).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/^Nobody is told of high_latency until 20/),
    });
    expect((await onServer(['alerts', 'list'])).stdout).toMatch(/^high_latency .*until \S+Z: moving/m);
    expect(JSON.parse((await onServer(['alerts', 'list', '--json'])).stdout)).toMatchObject({
      alerts: [{ name: 'high_error_rate' }, { name: 'high_latency', silence: { reason: 'moving', by: 'operator' } }],
    });
    expect(await onServer(['alerts', 'unsilence', 'high_latency'])).toMatchObject({
      code: 0,
      stderr: 'high_latency is not silenced; it is inactive.\n',
    });
    expect(await onServer(['alerts', 'unsilence', 'high_latencie'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('there is no alert high_latencie; did you mean high_latency?'),
    });
    expect(await onServer(silence, KEYS.caller)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('rookery:operate'),
    });
  });

  it('[O4] writes a rule file that promtool accepts', async () => {
    const file = join(cwd, 'rookery.rules.yaml');
    expect(await exported({ rules: RULES }, '--output', file)).toEqual({
      code: 0,
      stdout: '',
      stderr: `2 rules are in ${file}.\n`,
    });
    expect(await runPromtool(['check', 'rules', file])).toMatchObject({
      code: 0,
      output: expect.stringContaining('2 rules found'),
    });
    expect(readFileSync(file, 'utf8')).toContain('sum by (job, instance) (rate(rookery_calls_total{outcome=~');
    const together = await exported({ rules: RULES }, '--together');
    expect(together.stdout).toContain('sum (rate(rookery_tool_duration_seconds_sum[5m]))');
    expect(together.stdout).toContain('interval: 30s');
  }, 300_000);

  it('[O4] refuses rules that do not hold, and other formats', async () => {
    expect(await exported({ rules: { one: { condition: 'error_rat > 1' } } })).toMatchObject({
      code: expect.toSatisfy((code: number) => code > 0),
      stderr: expect.stringContaining('did you mean error_rate?'),
    });
    expect(await rookery(['alerts', 'export', '--format', 'nagios'])).toMatchObject({ code: 2 });
  });
});
