import { Injectable } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AdminModule } from '../../src/admin/index.js';
import {
  AuditModule,
  AuthModule,
  McpTool,
  PermissionsModule,
  ResilienceModule,
  RookeryError,
  ToolCache,
  ToolCacheModule,
  createServer,
  type StandaloneServer,
} from '../../src/index.js';
import { messageOf, postModern } from './support/http-messages.js';

const OPERATOR = 'rk_operator_b3BlcmF0b3JzIG9ubHkhISE';
const CALLER = 'rk_caller_c29tZWJvZHkgd2hvIGNhbGxz';

@Injectable()
class BrittleTools {
  #runs = 0;

  @McpTool({ description: 'Fails every time', breaker: { failureThreshold: 2 } })
  brittle(): never {
    throw new Error('broken inside');
  }

  @McpTool({ description: 'Counts its executions', cacheTtl: 600, cacheTags: ['counts'] })
  count(): number {
    return ++this.#runs;
  }
}

let server: StandaloneServer;
let url: string;
beforeAll(async () => {
  server = await createServer({
    port: 0,
    logger: false,
    imports: [
      AuthModule.forRoot({
        apiKeys: { operator: { secret: OPERATOR, roles: ['operator'] }, caller: { secret: CALLER } },
      }),
      PermissionsModule.forRoot({ roles: { operator: ['rookery:operate'] }, authRequired: true }),
      AuditModule.forRoot({}),
      ResilienceModule.forRoot({ rateLimit: { requestsPerMinute: 100 } }),
      ToolCacheModule.forRoot({}),
      AdminModule,
    ],
    providers: [BrittleTools],
  });
  url = await server.start();
});
afterAll(() => server.stop());

const as = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });

async function call(name: string): Promise<Record<string, unknown>> {
  const response = await postModern(url, 'tools/call', { name, arguments: {} }, { headers: as(CALLER) });
  return (await messageOf(response)).result ?? {};
}

interface Asked {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

async function admin(path: string, init: Asked = {}, key = OPERATOR): Promise<Response> {
  return fetch(new URL(`/admin/v1/${path}`, url), { ...init, headers: { ...as(key), ...init.headers } });
}

const json = { method: 'POST', headers: { 'content-type': 'application/json' } };

describe('whoever operates the server', () => {
  it('is somebody with the permission, and nobody else', async () => {
    expect((await fetch(new URL('/admin/v1/status', url))).status).toBe(401);
    const refused = await admin('status', {}, CALLER);
    expect(refused.status).toBe(403);
    expect(await refused.text()).toContain('rookery:operate');
    expect((await admin('status')).status).toBe(200);
  });

  it('[R5] sees a breaker that opened, and closes it', async () => {
    await call('brittle');
    await call('brittle');
    const refused = await call('brittle');
    expect(refused['_meta']).toMatchObject({ 'rookery/code': 'breaker_open' });
    const { breakers } = (await (await admin('breakers')).json()) as { breakers: { name: string; state: string }[] };
    expect(breakers).toContainEqual(expect.objectContaining({ name: 'brittle', state: 'open' }));
    const reset = await admin('breakers/brittle/reset', { method: 'POST' });
    expect(await reset.json()).toMatchObject({ breaker: { name: 'brittle', state: 'closed' } });
    expect((await call('brittle'))['_meta']).toMatchObject({ 'rookery/code': 'internal' });
    expect((await admin('breakers/none/reset', { method: 'POST' })).status).toBe(404);
  });

  it('[R1] clears what is cached', async () => {
    const first = await call('count');
    expect(await call('count')).toEqual(first);
    const cleared = await admin('cache/clear', { ...json, body: JSON.stringify({ tags: ['counts'] }) });
    expect(cleared.status).toBe(200);
    expect(await call('count')).not.toEqual(first);
  });

  it('[R4] sees how much of its limits somebody has used', async () => {
    const { limits } = (await (await admin('limits?id=caller')).json()) as { limits: { name: string; used: number }[] };
    expect(limits).toContainEqual(expect.objectContaining({ name: 'principal', limit: 100 }));
    expect(limits.find(({ name }) => name === 'principal')?.used).toBeGreaterThan(3);
  });

  it('sees whom the server remembers, and lets it look again', async () => {
    const remembered = async (): Promise<unknown> => ((await (await admin('status')).json()) as { auth: unknown }).auth;
    await call('count');
    expect(await remembered()).toEqual({ required: true, remembered: 2 });
    const forgotten = await admin('principals/forget', { ...json, body: '{}' });
    expect([forgotten.status, await forgotten.json()]).toEqual([200, { forgotten: 2 }]);
    expect(await remembered()).toEqual({ required: true, remembered: 1 });
  });

  it('is told of no database and no Redis where there is none', async () => {
    const status = await (await admin('status')).json();
    expect(status).not.toHaveProperty('store');
    expect(status).not.toHaveProperty('redis');
  });

  it('[R1] is told, as 503, when a shared cache does not answer', async () => {
    const cleared = vi.spyOn(server.app.get(ToolCache), 'clear');
    cleared.mockRejectedValueOnce(new RookeryError('overloaded', 'The cache does not answer.'));
    const answer = await admin('cache/clear', { ...json, body: '{}' });
    expect(answer.status).toBe(503);
    expect(await answer.json()).toMatchObject({ code: 'overloaded', message: 'The cache does not answer.' });
  });

  it.each([
    ['principals/forget', { ...json, body: '{"id":"caller"}' }],
    ['limits', {}],
    ['limits?id=caller&address=127.0.0.1', {}],
    ['cache/clear', { ...json, body: '{"tool":7}' }],
    ['cache/clear', { ...json, body: '{"tol":"count"}' }],
  ])('is told what is wrong with %s', async (path, init) => {
    expect((await admin(path, init)).status).toBe(400);
  });
});
