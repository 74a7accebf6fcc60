import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ServerStatus } from '../../index.js';
import { createTestServer, type TestServer } from '../../testing/index.js';
import type { Health } from './health.schema.js';
import { OperationsModule } from './operations.module.js';

let test: TestServer;

beforeEach(async () => {
  test = await createTestServer({ imports: [OperationsModule.forRoot({})], server: { version: '1.2.3' } });
});

afterEach(() => test.close());

const check = async (): Promise<Health> => {
  const { structuredContent } = await test.client.callTool({ name: 'health_check', arguments: {} });
  return structuredContent as Health;
};

describe('health_check', () => {
  it('[G1] answers with the fields of the guide', async () => {
    expect(await check()).toEqual({
      status: 'healthy',
      version: '1.2.3',
      uptime: expect.any(Number) as number,
      tools_registered: 1,
      active_connections: 1,
      metrics: {
        calls_total: 0,
        calls_by_outcome: {},
        calls_in_flight: 1,
        error_rate: 0,
        avg_response_time_ms: 0,
      },
    });
  });

  it('counts the calls before it', async () => {
    await check();
    await test.client.callTool({ name: 'health_check', arguments: { extra: 1 } });
    const { metrics, uptime } = await check();
    expect(metrics).toMatchObject({ calls_total: 2, calls_by_outcome: { ok: 1, invalid_arguments: 1 }, error_rate: 0 });
    expect(metrics.avg_response_time_ms).toBeGreaterThan(0);
    expect(uptime).toBeGreaterThan(0);
  });

  it('says when the server is draining', async () => {
    test.app.get(ServerStatus).markDraining();
    expect((await check()).status).toBe('draining');
  });

  it('is not there when the module is disabled', async () => {
    const { server, close } = await createTestServer({ imports: [OperationsModule.forRoot({ enabled: false })] });
    expect(server.tools).toEqual([]);
    await close();
  });
});
