import { Global, Injectable, Module, Scope, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost, NestFactory } from '@nestjs/core';
import type { FastifyAdapter, NestFastifyApplication } from '@nestjs/platform-fastify';
import { HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import { afterEach, describe, expect, it } from 'vitest';
import { OperationsModule } from '../../src/features/operations/index.js';
import { httpAdapter } from '../../src/http-adapter.js';
import {
  HealthDegradedError,
  HealthIndicator,
  HealthIndicators,
  McpServerModule,
  MonitoringModule,
  createServer,
  type MonitoringModuleOptions,
} from '../../src/index.js';
import {
  SLACK_MS,
  TIMEOUT_MS,
  levelOf,
  serveHealth,
  type HealthAnswer,
  type HealthServer,
} from './support/health-server.js';
import { messageOf, postModern } from './support/http-messages.js';
import { KEYS, startMonitored } from './support/monitored.js';

const open: { readonly stop: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.stop();
});

const serve = async (...args: Parameters<typeof serveHealth>): Promise<HealthServer> => {
  const server = await serveHealth(...args);
  open.push(server);
  return server;
};

describe('health', () => {
  it('[O2] is live, ready and up in all that is built in', async () => {
    const { ask } = await serve();
    expect(await ask('/health/live')).toMatchObject({ http: 200, status: 'ok' });
    expect(await ask('/health/ready')).toMatchObject({ http: 200, status: 'ok' });
    const { http, status, details } = await ask();
    expect({ http, status }).toEqual({ http: 200, status: 'ok' });
    expect(details).toMatchObject({
      event_loop: { status: 'up', critical: false, details: { maxDelayMs: 1_000 } },
      memory: { status: 'up', details: { rssBytes: expect.any(Number) as number } },
      disk: { status: 'up', details: { disks: [{ path: '.' }] } },
    });
  });

  it('tells everybody whether it is ready, and only operators why', async () => {
    const { get, standalone } = await startMonitored();
    open.push(standalone);
    expect((await get('/health')).status).toBe(401);
    expect((await get('/health', KEYS.caller)).status).toBe(403);
    const scraper = await get('/health', KEYS.scraper);
    expect(scraper.status).toBe(403);
    expect(await scraper.text()).toContain('rookery:operate');
    expect((await get('/metrics', KEYS.scraper)).status).toBe(200);
    expect((await get('/health', KEYS.operator)).status).toBe(200);
    const ready = await get('/health/ready');
    expect(ready.headers.get('cache-control')).toBe('no-store');
    expect(await ready.json()).toEqual({ status: 'ok' });
  });

  it('[O2] [R5] is well whatever calls are denied, and shows the breaker that opened', async () => {
    const { get, url, standalone } = await startMonitored({ health: { healthCheckInterval: 0 } });
    open.push(standalone);
    const headers = { authorization: `Bearer ${KEYS.caller}` };
    for (const name of ['refuse', 'hidden', 'rare', 'rare', 'broken', 'broken', 'broken']) {
      await (await postModern(url, 'tools/call', { name, arguments: {} }, { headers })).arrayBuffer();
    }
    expect((await postModern(url, 'tools/list')).status).toBe(401);
    expect((await get('/health/ready')).status).toBe(200);
    const { status, details } = (await (await get('/health', KEYS.operator)).json()) as HealthAnswer;
    expect(status).toBe('ok');
    expect(details['breakers']).toMatchObject({ status: 'up', details: { open: ['broken'] } });
  });

  it('[O2] is starting until everything is prepared, and ready from then on', async () => {
    let early: { readonly status: number; readonly body: unknown } | undefined;

    /** Asks while the application prepares itself: its routes are there, and it does not listen yet. */
    @Injectable()
    class Asking implements OnApplicationBootstrap {
      constructor(private readonly host: HttpAdapterHost<FastifyAdapter>) {}

      async onApplicationBootstrap(): Promise<void> {
        const answer = await this.host.httpAdapter.inject({ method: 'GET', url: '/health/ready' });
        early = { status: answer.statusCode, body: answer.json() };
      }
    }
    // Global modules are prepared first, in the order of their import.
    @Global()
    @Module({ providers: [Asking] })
    class Early {}
    @Module({ imports: [Early, McpServerModule.forRoot({}), MonitoringModule.forRoot()] })
    class Application {}

    const app = await NestFactory.create<NestFastifyApplication>(Application, httpAdapter({}), { logger: false });
    open.push({ stop: () => app.close() });
    await app.listen(0, '127.0.0.1');
    expect(early).toEqual({ status: 503, body: { status: 'starting' } });
    const ready = await fetch(new URL('/health/ready', await app.getUrl()));
    expect({ status: ready.status, body: await ready.json() }).toEqual({ status: 200, body: { status: 'ok' } });
  });

  it('[O2] degrades at a limit that is passed', async () => {
    const { ask } = await serve({ health: { memory: { maxRssBytes: 1 }, disk: { minFreeBytes: 2 ** 52 } } });
    const { http, status, details } = await ask();
    expect({ http, status }).toEqual({ http: 200, status: 'degraded' });
    expect(details['memory']).toMatchObject({
      status: 'degraded',
      message: expect.stringContaining('more than 1') as string,
    });
    expect(details['disk']).toMatchObject({
      status: 'degraded',
      message: expect.stringContaining('are free at .') as string,
    });
  });

  it('[O2] checks nothing when it is told to', async () => {
    const { ask } = await serve({ enableHealthChecks: false });
    expect(await ask()).toMatchObject({ http: 200, status: 'ok', details: {} });
    expect(await ask('/health/ready')).toMatchObject({ http: 200 });
  });

  it('[O2] has its defaults without forRoot()', async () => {
    const standalone = await createServer({ port: 0, logger: false, imports: [MonitoringModule] });
    open.push(standalone);
    const url = await standalone.start();
    expect(await (await fetch(new URL('/health/ready', url))).json()).toEqual({ status: 'ok' });
    expect((await fetch(new URL('/metrics', url))).status).toBe(403);
  });

  it('is for nobody on the main port while the application does not say for whom', async () => {
    const standalone = await createServer({ port: 0, logger: false, imports: [MonitoringModule.forRoot()] });
    open.push(standalone);
    const url = await standalone.start();
    for (const path of ['/health', '/metrics']) expect((await fetch(new URL(path, url))).status).toBe(403);
    expect((await fetch(new URL('/health/ready', url))).status).toBe(200);
  });
});

describe("a team's own checks", () => {
  let behave: (signal: AbortSignal) => unknown = () => undefined;
  let runs = 0;

  @Injectable()
  class Warehouse {
    readonly #name = 'warehouse';

    constructor(private readonly indicators: HealthIndicatorService) {}

    @HealthIndicator('warehouse', { critical: true })
    async reachable(signal: AbortSignal): Promise<unknown> {
      runs++;
      return await behave(signal);
    }

    @HealthIndicator('printer')
    printer(): HealthIndicatorResult {
      return this.indicators.check('printer').up({ of: this.#name });
    }
  }

  const started = async (options: MonitoringModuleOptions = {}): Promise<HealthServer> => {
    runs = 0;
    return await serve(options, { providers: [Warehouse] });
  };

  it('[O2] are found by @HealthIndicator() and have their dependencies and details', async () => {
    behave = () => ({ shelves: 7 });
    const { ask } = await started();
    const { status, details } = await ask();
    expect(status).toBe('ok');
    expect(details['warehouse']).toMatchObject({ status: 'up', critical: true, details: { shelves: 7 } });
    expect(details['printer']).toMatchObject({ status: 'up', details: { printer: { of: 'warehouse' } } });
  });

  it.each<readonly [string, () => unknown, string]>([
    ['throw', () => Promise.reject(new Error('no road, password=secret')), 'no road, password=***'],
    ['return false', () => false, 'It returned false.'],
    ['say down as terminus does', () => ({ warehouse: { status: 'down', message: 'closed' } }), 'closed'],
  ])('[O2] fail when they %s: a critical one makes the server not ready', async (_how, how, message) => {
    behave = how;
    const served = await started();
    expect(await served.ask('/health/ready')).toMatchObject({ http: 503, status: 'error' });
    const { http, details } = await served.ask();
    expect(http).toBe(503);
    expect(details['warehouse']).toMatchObject({ status: 'down', message });
    expect(levelOf(served, 'warehouse')).toBe(2);
    expect(await served.ask('/health/live')).toMatchObject({ http: 200 });
    behave = () => undefined;
    expect(await served.ask('/health/ready')).toMatchObject({ http: 200, status: 'ok' });
    expect(levelOf(served, 'warehouse')).toBe(0);
  });

  it('[O2] degrade the server when they say so, or are not critical', async () => {
    behave = () => {
      throw new HealthDegradedError('slow today', { seconds: 9 });
    };
    const first = await started();
    expect(await first.ask()).toMatchObject({
      http: 200,
      status: 'degraded',
      details: { warehouse: { status: 'degraded', message: 'slow today', details: { seconds: 9 } } },
    });
    behave = () => Promise.reject(new Error('gone'));
    const second = await started({ health: { healthCheckInterval: 0, checks: { warehouse: { critical: false } } } });
    expect(await second.ask('/health/ready')).toMatchObject({ http: 200, status: 'degraded' });
    const third = await started({ health: { healthCheckInterval: 0, checks: { warehouse: { enabled: false } } } });
    expect((await third.ask()).details['warehouse']).toBeUndefined();
  });

  it('[O2] that hang are given up at their deadline, and told so', async () => {
    let aborted = false;
    behave = (signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          aborted = true;
          reject(new Error('aborted'));
        });
      });
    const { ask } = await started();
    const { http, details, tookMs } = await ask();
    expect(http).toBe(503);
    expect(details['warehouse']).toMatchObject({ status: 'down', message: `timeout of ${TIMEOUT_MS}ms exceeded` });
    expect(details['memory']).toMatchObject({ status: 'up' });
    expect(tookMs).toBeLessThan(TIMEOUT_MS + SLACK_MS);
    expect(aborted).toBe(true);
    behave = () => new Promise(() => undefined);
    expect((await ask('/health/ready')).tookMs).toBeLessThan(TIMEOUT_MS + SLACK_MS);
  });

  it('[O2] run once for all who ask at once, and once in an interval', async () => {
    let release = (): void => undefined;
    behave = () => new Promise<void>((resolve) => (release = resolve));
    const { ask } = await started({ health: { healthCheckInterval: 3_600, timeoutMs: 10_000 } });
    const asked = Promise.all([ask(), ask('/health/ready'), ask()]);
    await expect.poll(() => runs).toBe(1);
    // Every request is there before the check is let go.
    await ask('/health/live');
    release();
    expect((await asked).map(({ http }) => http)).toEqual([200, 200, 200]);
    await ask();
    expect(runs).toBe(1);
  });

  it('[O2] run by themselves every interval', async () => {
    behave = () => undefined;
    await started({ health: { healthCheckInterval: 0.02 } });
    await expect.poll(() => runs).toBeGreaterThan(2);
  });

  it('stop the start when two have one name, or one belongs to a request', async () => {
    @Injectable()
    class Second {
      @HealthIndicator('warehouse')
      check(): void {}
    }
    @Injectable({ scope: Scope.REQUEST })
    class Requested {
      @HealthIndicator('requested')
      check(): void {}
    }
    await expect(serve({}, { providers: [Warehouse, Second] })).rejects.toThrow(
      'Second.check: There are two health checks named "warehouse"',
    );
    await expect(serve({}, { providers: [Requested] })).rejects.toThrow(
      'Requested.check: a check belongs to no request',
    );
  });
});

describe('a check added by hand', () => {
  it('[O2] [O6] is in health from then on, with its options, until it is removed', async () => {
    const { server, ask } = await serve();
    let reason: string | undefined;
    const remove = server.registerHealthCheck(
      'external_api_connectivity',
      () => {
        if (reason !== undefined) throw new Error(reason);
        return { region: 'eu' };
      },
      { critical: true },
    );
    expect((await ask()).details['external_api_connectivity']).toMatchObject({
      status: 'up',
      critical: true,
      details: { region: 'eu' },
    });
    reason = 'closed today';
    const { http, details } = await ask();
    expect(http).toBe(503);
    expect(details['external_api_connectivity']).toMatchObject({ status: 'down', message: 'closed today' });
    expect(() => server.registerHealthCheck('external_api_connectivity', () => undefined)).toThrow('two health checks');
    server.registerHealthCheck('hangs', () => new Promise(() => undefined), { timeoutMs: 20 });
    expect((await ask()).details['hangs']).toMatchObject({ status: 'degraded', message: 'timeout of 20ms exceeded' });
    remove();
    expect(await ask()).toMatchObject({ http: 200, status: 'degraded' });
    expect(server.getMetrics().some(({ name }) => name === 'rookery_health_check_state')).toBe(true);
  });
});

describe('settings of a check that there is not', () => {
  @Injectable()
  class Own {
    @HealthIndicator('warehouse')
    check(): void {}
  }

  it('[O2] are told at the start, with the name that was meant and those that there are', async () => {
    const told: string[] = [];
    const ignore = (): void => undefined;
    const checks = { warehosue: {}, disk_space: {}, warehouse: {}, redis: {} };
    const standalone = await createServer({
      port: 0,
      logger: { log: ignore, error: ignore, warn: (message: unknown) => void told.push(String(message)) },
      imports: [MonitoringModule.forRoot({ health: { checks } })],
      providers: [Own],
    });
    open.push(standalone);
    const warnings = told.filter((line) => line.startsWith('monitoring.health.checks.'));
    expect(warnings).toEqual([
      expect.stringMatching(
        /warehosue: there is no such check\. Did you mean "warehouse"\? There are .*disk.*warehouse/,
      ),
      expect.stringMatching(/disk_space: there is no such check\. Did you mean "disk"\?/),
    ]);
  });
});

describe('the tool health_check', () => {
  it('[O2] [G1] shows the same as /health, and not why', async () => {
    const { url, app } = await serve({}, { imports: [OperationsModule.forRoot({})] });
    const check = async (): Promise<unknown> => {
      const answer = await messageOf(await postModern(url, 'tools/call', { name: 'health_check', arguments: {} }));
      return answer.result?.['structuredContent'];
    };
    expect(await check()).toMatchObject({ status: 'healthy', checks: { memory: 'up', disk: 'up', event_loop: 'up' } });
    const remove = app.get(HealthIndicators).add({
      name: 'upstream',
      critical: true,
      check: () => Promise.reject(new Error('its address')),
    });
    const found = await check();
    expect(found).toMatchObject({ status: 'unhealthy', checks: { upstream: 'down' } });
    expect(JSON.stringify(found)).not.toContain('its address');
    remove();
    expect(await check()).toMatchObject({ status: 'healthy' });
  });
});
