import { Injectable } from '@nestjs/common';
import { InjectMetric, makeCounterProvider, makeGaugeProvider } from '@willsoto/nestjs-prometheus';
import { register, type Counter } from 'prom-client';
import { afterEach, describe, expect, it } from 'vitest';
import { McpTool, MonitoringModule, Telemetry, type MonitoringModuleOptions } from '../../src/index.js';
import { Alerts } from '../../src/monitoring/index.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';
import { Receiver, SECRET } from './support/alert-receiver.js';

@Injectable()
class Shop {
  constructor(@InjectMetric('team_orders_total') private readonly orders: Counter) {}

  @McpTool({ description: 'Takes an order' })
  order(): string {
    this.orders.inc({ shop: 'north' });
    return 'taken';
  }
}

const PROVIDERS = [
  Shop,
  makeCounterProvider({ name: 'team_orders_total', help: 'Orders, by shop.', labelNames: ['shop'] }),
  makeGaugeProvider({ name: 'team_hanging', help: 'Is never known.', collect: () => new Promise<void>(() => {}) }),
];

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
  register.clear();
});

async function start(rules: NonNullable<MonitoringModuleOptions['alerts']>['rules']) {
  const receiver = new Receiver();
  const url = await receiver.listen();
  stops.push(() => receiver.close());
  const actions = { send_alert: { type: 'webhook', url, secret: SECRET } } as const;
  const metrics = { collectionInterval: 0.1 };
  const server = await createTestServer({
    imports: [MonitoringModule.forRoot({ metrics, alerts: { window: '2s', rules, actions } })],
    providers: PROVIDERS,
  });
  stops.push(server.close);
  return { server, receiver };
}

const stateOf = ({ app }: TestServer, name: string): string | undefined =>
  app
    .get(Alerts)
    .list()
    .find((alert) => alert.name === name)?.state;

describe('alerts over metrics that are not of the server', () => {
  it("[O4] fire and resolve by the rate of a team's counter", async () => {
    const { server, receiver } = await start({
      many_orders: { condition: 'rate(team_orders_total{shop="north"}[2s]) > 0.1' },
      elsewhere: { condition: 'rate(team_orders_total{shop="south"}[2s]) > 0.1' },
    });
    await server.client.callTool({ name: 'order' });
    await expect.poll(() => receiver.of('many_orders'), { timeout: 15_000 }).toEqual(['firing']);
    await expect.poll(() => receiver.of('many_orders'), { timeout: 15_000 }).toEqual(['firing', 'resolved']);
    expect(receiver.told).toHaveLength(2);
    expect(stateOf(server, 'elsewhere')).toBe('inactive');
  });

  it('[O4] fire by what the process takes', async () => {
    const { server, receiver } = await start({
      memory: { condition: 'process_resident_memory_bytes > 1MiB' },
      too_much: { condition: 'process_resident_memory_bytes > 1024GiB' },
      lag: { condition: 'p99(nodejs_gc_duration_seconds{kind="minor"}[2s]) > 100s' },
    });
    await expect.poll(() => receiver.of('memory'), { timeout: 15_000 }).toEqual(['firing']);
    expect(['too_much', 'lag'].map((name) => stateOf(server, name))).toEqual(['inactive', 'inactive']);
  });

  it('[O4] go on where a metric of a team hangs, which is counted', async () => {
    const { server, receiver } = await start({
      hanging: { condition: 'team_hanging > 0' },
      memory: { condition: 'process_resident_memory_bytes > 1MiB' },
    });
    await expect.poll(() => receiver.of('memory'), { timeout: 15_000 }).toEqual(['firing']);
    expect(stateOf(server, 'hanging')).toBe('inactive');
    const failures = server.app
      .get(Telemetry)
      .samples()
      .find(({ name, labels }) => name.endsWith('collect_failures_total') && labels['metric'] === 'team_hanging');
    expect(failures?.value).toBeGreaterThan(0);
  });

  it.each([
    ['team_orders_totl > 1', 'did you mean team_orders_total?'],
    ['team_orders_total > 1', 'say rate(team_orders_total[5m])'],
    ['rate(team_orders_total{shp="north"}) > 1', 'did you mean shop?'],
  ])('[O4] are refused with what to write: %s', async (condition, fix) => {
    await expect(start({ wrong: { condition } })).rejects.toThrow(fix);
  });
});
