import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { McpTool, MonitoringModule, ToolError } from '../../src/index.js';
import { Alerts, MetricsServer, prometheusRules } from '../../src/monitoring/index.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';
import { readDeploy, readRules, type RuleFile } from '../deploy/deploy-files.js';
import { Receiver as OwnReceiver, SECRET } from './support/alert-receiver.js';
import { startAlertmanager, startPrometheus, type MonitoringServer } from '../support/prometheus/index.js';

/** How long the slow tool takes, and what `avg_response_time` may be here: 5 s, scaled down. */
const SLOW_MS = 200;
const AVERAGE_SECONDS = 0.05;

/** The guide's rules as configuration, with seconds in place of minutes. */
const CONFIGURED = {
  high_error_rate: { condition: 'error_rate[5s] > 0.05', duration: '1s', action: 'send_alert' },
  high_latency: { condition: `avg_response_time[5s] > ${AVERAGE_SECONDS}`, duration: '1s', action: 'send_alert' },
} as const;
const OWN_NAMES = ['high_error_rate', 'high_latency'] as const;

@Injectable()
class Tools {
  @McpTool({ description: 'Answers' })
  answer(): string {
    return 'yes';
  }

  @McpTool({ description: 'Cannot' })
  fail(): never {
    throw new ToolError('There is none.');
  }

  @McpTool({ description: 'Takes its time' })
  async slow(): Promise<string> {
    await sleep(SLOW_MS);
    return 'late';
  }
}

interface Message {
  readonly status: 'firing' | 'resolved';
  readonly groupLabels: Readonly<Record<string, string>>;
  readonly alerts: readonly {
    readonly labels: Readonly<Record<string, string>>;
  }[];
}

/** Takes what Alertmanager sends. */
class Receiver {
  readonly messages: Message[] = [];
  readonly #server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => void (body += chunk.toString()));
    request.on('end', () => {
      this.messages.push(JSON.parse(body) as Message);
      response.end();
    });
  });

  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/alerts`;
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** What came about an alert, in order. */
  about(alert: string): readonly string[] {
    return this.messages.filter(({ groupLabels }) => groupLabels['alertname'] === alert).map(({ status }) => status);
  }
}

/** The rules of deploy/ with seconds in place of minutes. */
function quickRules(names: readonly string[]): RuleFile {
  const { groups } = readRules();
  const quick = groups.map((group) => ({
    ...group,
    interval: '1s',
    rules: group.rules.map((rule) => ({
      ...rule,
      expr: rule.expr.replaceAll('[5m]', '[5s]').replace(/(:avg5m) > 5$/, `$1 > ${AVERAGE_SECONDS}`),
      ...(names.includes(rule.alert ?? '') && { for: '1s' }),
    })),
  }));
  return { groups: quick };
}

/** The configuration of deploy/, looking every second at one server and telling one Alertmanager. */
function quickPrometheus(server: string, alertmanager: string): object {
  const config = parse(readDeploy('prometheus/prometheus.yml')) as {
    readonly scrape_configs: readonly { readonly static_configs: readonly object[] }[];
  };
  const [job] = config.scrape_configs;
  return {
    ...config,
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: ['rules.yml'],
    alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] },
    scrape_configs: [{ ...job, static_configs: [{ ...job?.static_configs[0], targets: [server] }] }],
  };
}

/** The configuration of deploy/, without waiting for more of a group. */
function quickAlertmanager(webhook: string): object {
  const config = parse(readDeploy('alertmanager/alertmanager.yml')) as { readonly route: object };
  return {
    ...config,
    route: { ...config.route, group_wait: '0s', group_interval: '1s' },
    receivers: [{ name: 'webhook', webhook_configs: [{ url: webhook, send_resolved: true }] }],
  };
}

/** What `rookery alerts export --format prometheus` writes, evaluated every second. */
function exportedRules(server: TestServer): object {
  return prometheusRules(server.app.get(Alerts).rules, 1_000, { by: ['job', 'instance'] });
}

interface Source {
  readonly from: string;
  /** The error rate, then the latency. */
  readonly names: readonly [string, string];
  readonly rules: (server: TestServer, names: readonly string[]) => object;
}

const sources: readonly Source[] = [
  {
    from: 'deploy/',
    names: ['RookeryHighErrorRate', 'RookeryHighLatency'],
    rules: (_server, names) => quickRules(names),
  },
  { from: 'rookery alerts export', names: ['high_error_rate', 'high_latency'], rules: exportedRules },
];

describe.each(sources)('Prometheus and Alertmanager, with the rules of $from', ({ names, rules }) => {
  const receiver = new Receiver();
  /** Of the server's own notifications. */
  const own = new OwnReceiver();
  const stops: (() => Promise<void>)[] = [];
  let server: TestServer;
  let prometheus: MonitoringServer;

  beforeAll(async () => {
    const url = await own.listen();
    stops.push(() => own.close());
    server = await createTestServer({
      imports: [
        MonitoringModule.forRoot({
          metrics: { exportPort: 0, collectionInterval: 1 },
          alerts: { rules: CONFIGURED, actions: { send_alert: { type: 'webhook', url, secret: SECRET } } },
        }),
      ],
      providers: [Tools],
    });
    stops.push(server.close);
    const alertmanager = await startAlertmanager(quickAlertmanager(await receiver.start()));
    stops.push(() => alertmanager.stop());
    const { host } = new URL(server.app.get(MetricsServer).url ?? '');
    prometheus = await startPrometheus(quickPrometheus(host, alertmanager.address), rules(server, names));
    stops.push(() => prometheus.stop());
  }, 300_000);
  afterAll(async () => {
    for (const stop of stops.toReversed()) await stop();
    receiver.stop();
  });

  const query = async (expression: string): Promise<number | undefined> => {
    const response = await fetch(`${prometheus.url}/api/v1/query?query=${encodeURIComponent(expression)}`);
    const { data } = (await response.json()) as {
      readonly data: { readonly result: readonly { readonly value: readonly [number, string] }[] };
    };
    const value = data.result[0]?.value[1];
    return value === undefined ? undefined : Number(value);
  };

  /** Calls these tools, one after the other, until every alert has come to a state. */
  const callUntil = async (tools: readonly string[], status: string): Promise<void> => {
    const deadline = Date.now() + 60_000;
    const heard = (): boolean =>
      names.every((alert) => receiver.about(alert).includes(status)) &&
      OWN_NAMES.every((alert) => own.of(alert).includes(status));
    while (!heard()) {
      if (Date.now() > deadline)
        throw new Error(`Not all ${status} after a minute: ${JSON.stringify([receiver.messages, own.told])}`);
      for (const name of tools) await server.client.callTool({ name });
      await new Promise((resolve) => setImmediate(resolve));
    }
  };

  it("[O1] [O4] tell of the guide's two rules, as the server itself does, by real failing and slow calls, each once, and that they are over", async () => {
    await expect.poll(() => query('up{job="rookery"}'), { timeout: 15_000 }).toBe(1);
    await callUntil(['slow', 'fail'], 'firing');
    await callUntil(['answer'], 'resolved');
    for (const alert of names) expect(receiver.about(alert)).toEqual(['firing', 'resolved']);
    expect(receiver.messages).toHaveLength(4);
    for (const alert of OWN_NAMES) expect(own.of(alert)).toEqual(['firing', 'resolved']);
    expect([own.told.length, own.requests]).toEqual([4, 4]);
  }, 120_000);
});
