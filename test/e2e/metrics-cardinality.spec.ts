import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SignJWT } from 'jose';
import { Pool } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  AuthModule,
  McpPrompt,
  McpResource,
  McpTool,
  MonitoringModule,
  PermissionsModule,
  ResilienceModule,
  ToolCacheModule,
  createServer,
  type StandaloneServer,
} from '../../src/index.js';
import { HealthChecks, MetricsPage } from '../../src/monitoring/index.js';
import { seriesOn, valueOf } from './support/metrics-text.js';

const CALLERS = 100_000;
const BAD_NAMES = 10_000;
/** Requests under way at once. */
const AT_ONCE = 64;
const VERSION = '2026-07-28';

@Injectable()
class Parts {
  @McpTool({ description: 'Answers', cacheTtl: 60 })
  answer(): string {
    return 'yes';
  }

  @McpPrompt({ description: 'Says' })
  say(): string {
    return 'Say.';
  }

  @McpResource({ uri: 'part://one', description: 'One' })
  one(): string {
    return '1';
  }
}

interface Asked {
  readonly method: string;
  readonly params: Record<string, unknown>;
  readonly token: string;
}

describe('the number of series', () => {
  const secret = randomBytes(32);
  const [issuer, audience] = ['https://id.example', 'https://mcp.example/mcp'];
  let standalone: StandaloneServer;
  let pool: Pool;

  beforeAll(async () => {
    standalone = await createServer({
      port: 0,
      logger: false,
      imports: [
        AuthModule.forRoot({
          jwt: { secret: secret.toString('base64url'), issuer, audience },
          // They all come from one address, which must not have to wait for what one of them does.
          attempts: { maxPerMinute: 100_000 },
        }),
        PermissionsModule.forRoot({ authRequired: true }),
        ResilienceModule.forRoot({
          // A table of limits too small for all of them, with a limit that some of them meet.
          rateLimit: { requestsPerMinute: 5, maxKeys: 1_000 },
          // Their client runs in the same process: what is late here says nothing of the server.
          limits: { eventLoopDelayMs: 0 },
        }),
        ToolCacheModule.forRoot({ maxSize: 1_000 }),
        MonitoringModule.forRoot(),
      ],
      providers: [Parts],
    });
    const url = await standalone.start();
    pool = new Pool(new URL(url).origin, { connections: AT_ONCE });
  });
  afterAll(async () => {
    await pool.close();
    await standalone.stop();
  });

  const tokenOf = async (subject: string): Promise<string> =>
    await new SignJWT({})
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
      .setSubject(subject)
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode(secret.toString('base64url')));

  const ask = async ({ method, params, token }: Asked): Promise<number> => {
    const _meta = {
      'io.modelcontextprotocol/protocolVersion': VERSION,
      'io.modelcontextprotocol/clientCapabilities': {},
    };
    const name = params['name'] ?? params['uri'];
    const { statusCode, body } = await pool.request({
      path: '/mcp',
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': VERSION,
        'mcp-method': method,
        ...(typeof name === 'string' && { 'mcp-name': name }),
        authorization: `Bearer ${token}`,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta } }),
    });
    await body.dump();
    return statusCode;
  };

  /** Asks so many times, some at once. */
  const askAll = async (count: number, asked: (n: number) => Asked | Promise<Asked>): Promise<void> => {
    let next = 0;
    const one = async (): Promise<void> => {
      while (next < count) await ask(await asked(next++));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
  };

  const page = async (): Promise<string> => await standalone.app.get(MetricsPage).text();
  const bad = (token: string): readonly ((name: string) => Asked)[] => [
    (name) => ({ method: 'tools/call', params: { name, arguments: {} }, token }),
    (name) => ({ method: 'prompts/get', params: { name }, token }),
    (name) => ({ method: 'resources/read', params: { uri: `bad://${name}` }, token }),
    (name) => ({ method: `bad/${name}`, params: {}, token }),
    (name) => ({
      method: 'completion/complete',
      params: { ref: { type: 'ref/prompt', name }, argument: { name, value: name } },
      token,
    }),
    (name) => ({ method: 'tools/list', params: {}, token: `wrong.${name}.token` }),
  ];

  it(`[O1] is the same after ${CALLERS} callers and ${BAD_NAMES} bad names of each kind as after one of each`, async () => {
    const first = await tokenOf('caller-first');
    const answer = (token: string): Asked => ({
      method: 'tools/call',
      params: { name: 'answer', arguments: {} },
      token,
    });
    // Everything that there is to be counted, once: what is right, a limit that is met, and each kind of wrong.
    expect(await ask(answer(first))).toBe(200);
    for (let n = 1; n < 10; n++) await ask(answer(first));
    for (const wrong of bad(first)) for (let n = 0; n < 40; n++) await ask(wrong(`bad-first-${n}`));
    await standalone.app.get(HealthChecks).report();
    const before = await page();

    await askAll(CALLERS, async (n) => answer(await tokenOf(`caller-${n}`)));
    for (const wrong of bad(first)) await askAll(BAD_NAMES, (n) => wrong(`bad-${n}`));

    const after = await page();
    const counted = (target: string, outcome: string): number =>
      valueOf(after, 'rookery_calls_total', { target, outcome }) ?? 0;
    expect(counted('answer', 'ok') + counted('answer', 'rate_limited')).toBe(CALLERS + 10);
    expect(valueOf(after, 'rookery_calls_total', { kind: 'tool', target: '_unknown' })).toBe(BAD_NAMES + 40);
    expect(valueOf(after, 'rookery_telemetry_series_dropped_total')).toBeUndefined();
    // What the process says of itself comes and goes by a few, as kinds of resources and of collections do.
    const own = (text: string): readonly string[] => seriesOn(text).filter((series) => series.startsWith('rookery_'));
    expect(own(after).filter((series) => !own(before).includes(series))).toEqual([]);
    expect(seriesOn(after).length).toBeLessThan(seriesOn(before).length + 40);
    expect(after).not.toMatch(/caller-|bad-|bad\//);
  }, 900_000);
});
