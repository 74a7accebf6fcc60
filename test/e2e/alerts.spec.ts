import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { AdminModule } from '../../src/admin/index.js';
import { McpTool, Telemetry, ToolError, type MonitoringModuleOptions } from '../../src/index.js';
import {
  AlertAction,
  Alerts,
  MetricsPage,
  type AlertNotification,
  type AlertStatus,
} from '../../src/monitoring/index.js';
import { runPromtool } from '../support/prometheus/index.js';
import { Receiver, SECRET } from './support/alert-receiver.js';
import { postModern } from './support/http-messages.js';
import { KEYS, startMonitored, type Monitored } from './support/monitored.js';

type AlertsInput = NonNullable<MonitoringModuleOptions['alerts']>;

@Injectable()
class Troubled {
  broken = true;

  @McpTool({ description: 'Breaks, until it is mended' })
  troubled(): string {
    if (this.broken) throw new Error('broken inside');
    return 'well';
  }

  @McpTool({ description: 'Takes more than five seconds' })
  async sluggish(): Promise<string> {
    await sleep(5_300, undefined, { ref: false });
    return 'at last';
  }

  @McpTool({ description: 'Says what is wrong with the question' })
  wrong(): never {
    throw new ToolError('There is none.');
  }
}

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

async function start(
  alerts: AlertsInput,
  extra: { readonly interval?: number; readonly providers?: Parameters<typeof startMonitored>[1] } = {},
): Promise<Monitored> {
  const server = await startMonitored(
    { metrics: { collectionInterval: extra.interval ?? 0.1 }, health: { healthCheckInterval: 0 }, alerts },
    { imports: [AdminModule], providers: [Troubled, ...(extra.providers?.providers ?? [])] },
  );
  stops.push(server.standalone.stop);
  return server;
}

async function receiver(): Promise<{ readonly receiver: Receiver; readonly url: string }> {
  const one = new Receiver();
  const url = await one.listen();
  stops.push(() => one.close());
  return { receiver: one, url };
}

async function call({ url }: Monitored, name: string, args: object = {}): Promise<void> {
  const headers = { authorization: `Bearer ${KEYS.caller}` };
  await (await postModern(url, 'tools/call', { name, arguments: args }, { headers })).arrayBuffer();
}

const listed = async (server: Monitored): Promise<readonly AlertStatus[]> =>
  ((await (await server.get('/admin/v1/alerts', KEYS.operator)).json()) as { alerts: readonly AlertStatus[] }).alerts;

const post = async (server: Monitored, path: string, body: object, key: string = KEYS.operator): Promise<Response> =>
  await fetch(new URL(`/admin/v1/alerts/${path}`, server.url), {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

const until = async (holds: () => boolean | Promise<boolean>, what: string): Promise<void> =>
  await vi.waitFor(async () => expect(await holds(), what).toBe(true), { timeout: 25_000, interval: 20 });

const deliveries = ({ standalone }: Monitored, action: string): Record<string, number> =>
  Object.fromEntries(
    standalone.app
      .get(Telemetry)
      .samples()
      .filter(({ name, labels }) => name === 'rookery_alert_deliveries_total' && labels['action'] === action)
      .map(({ labels, value }) => [labels['result'], value]),
  );

describe('alerts of a server', () => {
  it("[O4] fire once and resolve once for the guide's two rules, by real failing and slow calls", async () => {
    const { receiver: told, url } = await receiver();
    const server = await start({
      window: '3s',
      rules: {
        high_error_rate: {
          condition: 'error_rate > 0.05',
          duration: '300ms',
          action: 'send_alert',
          summary: 'Many errors.',
        },
        high_latency: {
          condition: 'avg_response_time > 5s',
          duration: '300ms',
          action: 'send_alert',
          severity: 'page',
        },
      },
      actions: { send_alert: { type: 'webhook', url, secret: SECRET } },
    });
    await until(async () => {
      await call(server, 'troubled');
      return told.of('high_error_rate').length > 0;
    }, 'errors fire');
    expect(await listed(server)).toMatchObject([
      { name: 'high_error_rate', state: 'firing', condition: 'error_rate > 0.05 for 300ms', actions: ['send_alert'] },
      { name: 'high_latency', state: 'inactive' },
    ]);
    const page = await server.standalone.app.get(MetricsPage).text();
    expect(page).toContain('rookery_alert_state{alert="high_error_rate"} 2\n');
    const health = (await (await server.get('/health', KEYS.operator)).json()) as { details: Record<string, unknown> };
    expect(health.details['alerts']).toMatchObject({ status: 'up', details: { firing: ['high_error_rate'] } });
    await until(() => told.of('high_error_rate').length > 1, 'errors are over');
    // Only now: quick failures would make the average small.
    await Promise.all([call(server, 'sluggish'), call(server, 'sluggish')]);
    await until(() => told.of('high_latency').length > 0, 'slowness fires');
    await until(() => told.of('high_latency').length > 1, 'slowness is over');
    // Looked at some more times, and nothing more is said.
    for (let n = 0; n < 5; n++) server.standalone.app.get(Alerts).look();
    await server.standalone.stop();
    expect(told.of('high_error_rate')).toEqual(['firing', 'resolved']);
    expect(told.of('high_latency')).toEqual(['firing', 'resolved']);
    expect(told.refused).toEqual([]);
    const [fired, over] = told.told.filter(({ groupLabels }) => groupLabels['alertname'] === 'high_latency');
    const [one, other] = [fired?.alerts[0], over?.alerts[0]];
    expect(fired).toMatchObject({ version: '4', status: 'firing', receiver: 'send_alert', truncatedAlerts: 0 });
    expect(one?.labels).toMatchObject({ alertname: 'high_latency', severity: 'page' });
    expect(Number(one?.annotations['value'])).toBeGreaterThan(5);
    expect(one?.endsAt).toBe('0001-01-01T00:00:00Z');
    expect(other).toMatchObject({ status: 'resolved', fingerprint: one?.fingerprint, startsAt: one?.startsAt });
    expect(Date.parse(other?.endsAt ?? '')).toBeGreaterThan(Date.parse(one?.startsAt ?? ''));
  }, 60_000);

  it('[O4] deliver once to a receiver that fails twice and then accepts', async () => {
    const { receiver: told, url } = await receiver();
    told.answers = [500, 503];
    const server = await start({
      window: '1s',
      rules: { errors: { condition: 'error_rate > 5%' } },
      actions: { send_alert: { type: 'webhook', url, secret: SECRET, backoffMs: 5 } },
    });
    await until(async () => {
      await call(server, 'troubled');
      return told.told.length > 0;
    }, 'it is delivered');
    await until(() => told.told.length > 1, 'its end is delivered');
    // The receiver knows of it before its answer is read.
    await until(() => deliveries(server, 'send_alert')['delivered'] === 2, 'it is counted');
    expect(told.of('errors')).toEqual(['firing', 'resolved']);
    expect(told.requests).toBe(4);
    expect(deliveries(server, 'send_alert')).toEqual({ retried: 2, delivered: 2 });
  }, 60_000);

  it('do not follow a redirect, nor repeat what is refused', async () => {
    const { receiver: told, url } = await receiver();
    told.answers = [302, 401];
    const server = await start({
      window: '1s',
      rules: { errors: { condition: 'error_rate > 5%' } },
      actions: { send_alert: { type: 'webhook', url, secret: SECRET, backoffMs: 5 } },
    });
    await until(async () => {
      await call(server, 'troubled');
      return told.requests === 1;
    }, 'it is sent');
    await until(() => deliveries(server, 'send_alert')['failed'] === 2, 'both ends are given up');
    expect(told.requests).toBe(2);
    expect(told.told).toEqual([]);
  }, 60_000);

  it('[O4] say nothing while silenced, and afterwards what still holds', async () => {
    const { receiver: told, url } = await receiver();
    const server = await start({
      window: '1s',
      rules: { errors: { condition: 'error_rate > 5%', for: '200ms' } },
      actions: { send_alert: { type: 'webhook', url, secret: SECRET } },
    });
    expect((await post(server, 'errors/silence', { seconds: 60, reason: 'a test' }, KEYS.caller)).status).toBe(403);
    expect((await post(server, 'nothing/silence', { seconds: 60, reason: 'a test' })).status).toBe(404);
    expect((await post(server, 'errors/silence', { seconds: 0 })).status).toBe(400);
    const silenced = await post(server, 'errors/silence', { seconds: 3_600, reason: 'a test' });
    expect(await silenced.json()).toMatchObject({ alert: { silence: { reason: 'a test', by: 'operator' } } });
    const state = async (): Promise<string | undefined> => (await listed(server))[0]?.state;
    await until(async () => {
      await call(server, 'troubled');
      return (await state()) === 'firing';
    }, 'it fires');
    await until(async () => (await state()) === 'resolved', 'it is over');
    expect(told.requests).toBe(0);
    await until(async () => {
      await call(server, 'troubled');
      return (await state()) === 'firing';
    }, 'it fires again');
    expect(told.requests).toBe(0);
    expect((await post(server, 'errors/unsilence', {})).status).toBe(200);
    await until(async () => {
      await call(server, 'troubled');
      return told.told.length === 1;
    }, 'it is said now');
    await until(() => told.told.length === 2, 'it is over');
    expect(told.of('errors')).toEqual(['firing', 'resolved']);
  }, 60_000);

  it('[O4] go to an action of a team, which is called again when it throws', async () => {
    const paged: string[] = [];
    let attempts = 0;

    @Injectable()
    class Pager {
      readonly #paged = paged;

      @AlertAction('page_oncall', { backoffMs: 1 })
      async page({ status }: AlertNotification, signal: AbortSignal): Promise<void> {
        await Promise.resolve();
        signal.throwIfAborted();
        if (++attempts === 1) throw new Error('engaged');
        this.#paged.push(status);
      }
    }

    const server = await start(
      {
        window: '1s',
        rules: { errors: { condition: 'error_rate > 5%', actions: ['page_oncall', 'note'] } },
        actions: { note: { type: 'log' } },
      },
      { providers: { providers: [Pager] } },
    );
    await until(async () => {
      await call(server, 'troubled');
      return paged.length === 1;
    }, 'it pages');
    await until(() => paged.length === 2, 'it says the end');
    expect(paged).toEqual(['firing', 'resolved']);
    expect(deliveries(server, 'page_oncall')).toEqual({ retried: 1, delivered: 2 });
    expect(deliveries(server, 'note')).toEqual({ delivered: 2 });
  }, 60_000);

  it('[O4] are not raised by callers who are refused, or ask wrongly', async () => {
    const server = await start({
      window: '1s',
      rules: { errors: { condition: 'error_rate > 0' } },
    });
    for (let n = 0; n < 20; n++)
      await Promise.all([call(server, 'nowhere'), call(server, 'hidden'), call(server, 'answer', { extra: 1 })]);
    for (let n = 0; n < 20; n++) await call(server, 'answer');
    const alerts = server.standalone.app.get(Alerts);
    await until(() => alerts.list()[0]?.value === 0, 'the calls have been looked at');
    expect(alerts.list()).toMatchObject([{ state: 'inactive', value: 0 }]);
    await until(async () => {
      await call(server, 'wrong');
      return alerts.list()[0]?.state === 'firing';
    }, 'what a tool says is wrong counts');
  }, 60_000);

  it('[O4] stop a server from ending no longer than they may, and are counted when they are dropped', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    stops.push(async () => {
      silent.closeAllConnections();
      silent.close();
      await once(silent, 'close');
    });
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
    const server = await start({
      window: '1s',
      shutdownMs: 100,
      rules: { errors: { condition: 'error_rate > 5%' } },
      actions: { send_alert: { type: 'webhook', url, timeoutMs: 60_000 } },
    });
    const asked = once(silent, 'request');
    await until(async () => {
      await call(server, 'troubled');
      return server.standalone.app.get(Alerts).list()[0]?.state === 'firing';
    }, 'it fires');
    await asked;
    const began = performance.now();
    await server.standalone.stop();
    expect(performance.now() - began).toBeLessThan(5_000);
    expect(deliveries(server, 'send_alert')['dropped']).toBeGreaterThan(0);
  }, 60_000);

  it('[O4] stop the start with every fault, its key, its place and what is meant', async () => {
    const rules = {
      one: { condition: 'error_rat > 0.05' },
      two: { condition: 'rate(rookery_calls_total{kindd="tool"}[5m]) > 1' },
      three: { condition: 'error_rate > 1', action: 'page_somebody' },
      four: { condition: 'p95(rookery_calls_in_flight) > 1' },
      five: { condition: 'rookery_calls_in_flight > 1' },
      six: { condition: 'error_rate[1ms] > 1' },
    };
    const refusal = await start({ rules }, { interval: 30 }).then(
      () => '',
      (error: Error) => error.message,
    );
    expect(refusal.split('\n')).toEqual([
      'The alerts cannot be watched:',
      expect.stringMatching(/one\.condition: at character 1: .*error_rat; did you mean error_rate\?/),
      expect.stringMatching(/two\.condition: at character 26: .*kindd; did you mean kind\?/),
      expect.stringMatching(
        /^- monitoring\.alerts\.rules\.three\.action: there is no action page_somebody; there are send_alert/,
      ),
      expect.stringMatching(/four\.condition: at character 1: p95\(\) cannot be had of .* gauge: say sum/),
      expect.stringMatching(/five\.condition: at character 1: .*for each kind: say sum/),
      expect.stringMatching(/six\.condition: at character 1: a window of 1ms .* 1m or more/),
    ]);
  });

  it.each([
    ['error_rate >', /at character 13: a metric, a function or a number is expected, not the end/],
    ['error_rate = 1', /at character 12: two things are compared with "=="/],
    ['rat(error_rate[5m]) > 1', /at character 1: there is no function rat; did you mean rate\?/],
    ['process.exit(1) > 0', /at character 8: "\." has no meaning here/],
    ['error_rate > 5seconds', /"5seconds" is no number/],
    ['error_rate > 1 && error_rate > 2', /say `and` or `or`/],
    ['rate(rookery_calls_total{target=~"(a+)+"}[5m]) > 1', /a pattern is made of/],
    [`${'('.repeat(200)}error_rate > 1`, /too many brackets/],
  ])('[O4] refuse the condition %s', async (condition, expected) => {
    await expect(start({ rules: { one: { condition } } })).rejects.toThrow(expected);
  });

  it('[O6] take every metric of the guide in a condition', async () => {
    const names = [
      'error_rate',
      'avg_response_time',
      'tool_success_rate',
      'tool_execution_time',
      'concurrent_requests',
      'cache_hit_rate',
    ];
    const rules = Object.fromEntries(names.map((name) => [name, { condition: `${name} >= 0` }]));
    const server = await start({ rules }, { interval: 60 });
    const alerts = server.standalone.app.get(Alerts);
    await call(server, 'answer');
    for (let n = 0; n < 3; n++) await call(server, 'cached');
    await call(server, 'troubled');
    alerts.look();
    const values = Object.fromEntries(alerts.list().map(({ name, value }) => [name, value]));
    expect(values['error_rate']).toBeCloseTo(0.2);
    expect(values['tool_success_rate']).toBeCloseTo(0.8);
    expect(values['cache_hit_rate']).toBeCloseTo(2 / 3);
    expect(values['concurrent_requests']).toBe(0);
    expect(values['avg_response_time']).toBeGreaterThan(0);
    expect(values['avg_response_time']).toBe(values['tool_execution_time']);
    const page = await server.standalone.app.get(MetricsPage).text();
    expect(await runPromtool(['check', 'metrics'], page)).toEqual({ code: 0, output: '' });
  }, 300_000);
});
