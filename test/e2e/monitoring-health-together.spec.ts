import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdaptersModule, RedisCacheStoreFactory } from '../../src/adapters/index.js';
import {
  AuditModule,
  ForbiddenError,
  HealthIndicator,
  HealthIndicators,
  McpTool,
  ToolCacheModule,
} from '../../src/index.js';
import { startRedis, type RedisServer } from '../support/servers/index.js';
import { SmallDisk } from './support/audit-small-disk.js';
import { SLACK_MS, TIMEOUT_MS, serveHealth, type HealthServer } from './support/health-server.js';
import { postModern } from './support/http-messages.js';

@Injectable()
class Parts {
  hanging = false;

  @McpTool({ description: 'Says no' })
  refuse(): never {
    throw new ForbiddenError('Not you.');
  }

  @HealthIndicator('upstream')
  async upstream(): Promise<void> {
    if (this.hanging) await new Promise(() => undefined);
  }
}

/** Everything that can go wrong at once, one after the other: health answers within its deadline all the while. */
describe('health in trouble', () => {
  let home: string;
  let disk: SmallDisk;
  let redis: RedisServer;
  let served: HealthServer;

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'rookery-trouble-'));
    disk = new SmallDisk(join(home, 'disk'));
    disk.assertMounted();
    redis = await startRedis();
    served = await serveHealth(
      {
        health: { healthCheckInterval: 0, timeoutMs: TIMEOUT_MS, disk: { paths: [disk.folder], minFreeBytes: 16_384 } },
      },
      {
        imports: [
          AdaptersModule.forRoot({
            store: { url: 'memory:' },
            redis: { url: redis.url, commandTimeoutMs: 100, connectTimeoutMs: 100 },
          }),
          ToolCacheModule.forRoot({
            backend: 'redis',
            timeoutMs: 50,
            redis: { url: redis.url },
            storeFactory: new RedisCacheStoreFactory(),
          }),
          AuditModule.forRoot({
            mode: 'strict',
            maxWaitMs: 100,
            sinks: [{ type: 'file', path: disk.path('audit.jsonl') }],
          }),
        ],
        providers: [Parts],
      },
    );
  }, 300_000);
  afterAll(async () => {
    disk.makeRoom();
    await served.stop();
    await redis.stop();
    disk.remove();
    rmSync(home, { recursive: true, force: true });
  });

  const refused = async (): Promise<void> =>
    void (await (await postModern(served.url, 'tools/call', { name: 'refuse', arguments: {} })).arrayBuffer());
  const inTime = async (path: string): Promise<Awaited<ReturnType<HealthServer['ask']>>> => {
    const answer = await served.ask(path);
    expect(answer.tookMs).toBeLessThan(TIMEOUT_MS + SLACK_MS);
    return answer;
  };

  it('[O2] is well after a denied call', async () => {
    await refused();
    // Each back end has a few milliseconds, which the first answer may take.
    await expect.poll(async () => (await inTime('/health')).status, { timeout: 15_000 }).toBe('ok');
    expect(await inTime('/health')).toMatchObject({ http: 200, status: 'ok' });
    expect(Object.keys((await served.ask()).details)).toEqual(
      expect.arrayContaining(
        served.app
          .get(HealthIndicators)
          .all()
          .map(({ name }) => name),
      ),
    );
  });

  it('[O2] [R3] is degraded with a Redis that is dead, and a check that hangs', async () => {
    await redis.kill();
    served.app.get(Parts).hanging = true;
    await expect.poll(async () => (await inTime('/health')).details['cache']?.status).toBe('degraded');
    const { http, details } = await inTime('/health');
    expect(http).toBe(200);
    expect(details['redis']).toMatchObject({ status: 'degraded' });
    expect(details['upstream']).toMatchObject({
      status: 'degraded',
      message: `timeout of ${TIMEOUT_MS}ms exceeded`,
    });
    expect(details['disk']).toMatchObject({ status: 'up' });
  });

  it('[O2] is not ready with a full disk on top, as calls cannot be recorded', async () => {
    disk.fill();
    await expect
      .poll(
        async () => {
          await refused();
          return (await inTime('/health/ready')).http;
        },
        { timeout: 10_000 },
      )
      .toBe(503);
    const { details } = await inTime('/health');
    expect(details['disk']).toMatchObject({ status: 'degraded', details: { disks: [{ freeBytes: 0 }] } });
    expect(details['audit']).toMatchObject({ status: 'down', critical: true });
    expect(await inTime('/health/live')).toMatchObject({ http: 200 });
  });

  it('[O2] [R3] is well again when all of it is over', async () => {
    disk.makeRoom();
    await redis.restart();
    served.app.get(Parts).hanging = false;
    await expect.poll(async () => (await inTime('/health')).status, { timeout: 15_000 }).toBe('ok');
    expect(await inTime('/health/ready')).toMatchObject({ http: 200, status: 'ok' });
  });
});
