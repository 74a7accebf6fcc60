import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Client as ModernClient, StreamableHTTPClientTransport as ModernHttp } from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AppModule, sections, type AppConfig } from '../../src/app.module.js';
import { ConfigurationError, loadConfig } from '../../src/config/index.js';
import { listen } from '../../src/create-server.js';
import { crossChecks } from '../../src/cross-checks.js';
import { httpAdapter } from '../../src/http-adapter.js';
import { McpTool } from '../../src/index.js';
import { freePort } from '../support/servers/free-port.js';
import { send } from './support/raw-http.js';
import { ServerProcess } from './support/server-process.js';

const REPOSITORY = resolve(import.meta.dirname, '../..');
const MAIN = join(REPOSITORY, 'dist/main.js');
const GUIDE = join(REPOSITORY, 'config/guide.yaml');

/** What both clients are asked. */
interface Client {
  readonly server: object | undefined;
  call(name: string, args?: Record<string, unknown>): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

const clients: Readonly<Record<string, (url: string, key: string) => Promise<Client>>> = {
  '@modelcontextprotocol/client': async (url, key) => {
    const client = new ModernClient(
      { name: 'modern', version: '0' },
      { versionNegotiation: { mode: { pin: '2026-07-28' } } },
    );
    await client.connect(new ModernHttp(new URL(url), { requestInit: { headers: { 'x-api-key': key } } }));
    return {
      server: client.getServerVersion(),
      call: async (name, args = {}) => await client.callTool({ name, arguments: args }),
      close: () => client.close(),
    };
  },
  '@modelcontextprotocol/sdk': async (url, key) => {
    const client = new LegacyClient({ name: 'legacy', version: '0' });
    const transport = new LegacyHttp(new URL(url), { requestInit: { headers: { 'x-api-key': key } } });
    await client.connect(transport);
    return {
      server: client.getServerVersion(),
      call: async (name, args = {}) => await client.callTool({ name, arguments: args }),
      close: () => client.close(),
    };
  },
};
const modern = clients['@modelcontextprotocol/client'] as (url: string, key: string) => Promise<Client>;

/** Seconds to wait, as a refusal says. */
const retryAfterOf = (result: Record<string, unknown>): number =>
  Number((result['_meta'] as Record<string, unknown> | undefined)?.['retry_after'] ?? 0);

const codeOf = (result: Record<string, unknown>): unknown =>
  (result['_meta'] as Record<string, unknown> | undefined)?.['rookery/code'];

/** The configuration of a file over the package's own, as a start reads it. */
function configured(folder: string, file: string, env: Readonly<Record<string, string>> = {}): AppConfig {
  const source = { env: { ROOKERY_CONFIG: file, ...env }, cwd: folder, packageDirectory: REPOSITORY };
  return loadConfig(sections, source, crossChecks);
}

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'rookery-guide-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the guide's first server from config/guide.yaml", () => {
  let server: ServerProcess;
  let url: string;
  let metricsPort: number;
  beforeAll(async () => {
    metricsPort = await freePort();
    server = new ServerProcess([MAIN], {
      cwd: folder,
      env: {
        ROOKERY_CONFIG: GUIDE,
        ROOKERY_SERVER__PORT: '0',
        // Another test may have 9090.
        ROOKERY_MONITORING__METRICS_CONFIG__EXPORT_PORT: String(metricsPort),
      },
    });
    [url] = await server.shows('stdout', /http:\/\/127\.0\.0\.1:\d+\/mcp/);
  });
  afterAll(async () => await server.stop());

  it.each(Object.keys(clients))('[S1] answers %s', async (name) => {
    const client = await clients[name]?.(url, 'admin-key');
    try {
      expect(client?.server).toMatchObject({ name: 'custom-analytics-server', version: '1.2.0' });
      const result = await client?.call('analyze_data', { data: [1, 2, 3, 4, 5], analysis_type: 'statistical' });
      expect(result).toMatchObject({ structuredContent: { summary: { mean: 3 } } });
    } finally {
      await client?.close();
    }
  });

  it.each([['wrong-key'], [undefined]])('[S1] answers 401 to %s', async (key) => {
    const { status } = await send(url, {
      headers: { 'content-type': 'application/json', ...(key !== undefined && { 'x-api-key': key }) },
      body: '{"jsonrpc":"2.0","id":1,"method":"tools/list"}',
    });
    expect(status).toBe(401);
  });

  it('[S1] has its metrics on the port of metricsConfig, and not on the main one', async () => {
    const { status, text } = await send(`http://127.0.0.1:${metricsPort}/metrics`, { method: 'GET' });
    expect(status).toBe(200);
    expect(text).toContain('rookery_calls_total');
    const main = await send(new URL('/metrics', url).href, { method: 'GET' });
    expect(main.text).not.toContain('rookery_calls_total');
  });

  it('[S1] [R4] refuses the call after burstSize in a second, and the one after the limit of the key in a minute', async () => {
    const client = await modern(url, 'readonly-key');
    try {
      const call = async (): Promise<{ readonly code: unknown; readonly seconds: number }> => {
        const result = await client.call('health_check');
        return { code: codeOf(result), seconds: retryAfterOf(result) };
      };
      const burst = await Promise.all(Array.from({ length: 25 }, call));
      expect(burst.filter(({ code }) => code === undefined)).toHaveLength(20);
      expect(burst.filter(({ code }) => code === 'rate_limited')).toHaveLength(5);
      let answered = 20;
      // A burst is over within a second; what is refused for longer is the minute's.
      for (let minute = false; !minute && answered < 200;) {
        const { code, seconds } = await call();
        if (code === undefined) answered++;
        else if (seconds > 1) minute = true;
        else await sleep(seconds * 1_000);
      }
      expect(answered).toBe(100);
    } finally {
      await client.close();
    }
  });

  it('[S1] [R4] gives user-key the limit that per_user_limits has for it', async () => {
    const client = await modern(url, 'user-key');
    try {
      let answered = 0;
      while (answered <= 100) {
        const result = await client.call('health_check');
        if (codeOf(result) === undefined) answered++;
        else await sleep(retryAfterOf(result) * 1_000);
      }
      expect(answered).toBe(101);
    } finally {
      await client.close();
    }
  });
});

class GuideTools {
  searches = 0;
  faults = 0;

  @McpTool({
    description: 'Search for information in a knowledge base',
    inputSchema: z.object({ query: z.string() }),
    outputSchema: z.object({ query: z.string(), run: z.number() }),
    cacheKey: 'search',
    cacheTtl: 600,
    rateLimit: 50,
  })
  search({ query }: { query: string }): object {
    return { query, run: ++this.searches };
  }

  @McpTool({ description: 'Fails', inputSchema: z.object({}) })
  fails(): never {
    this.faults++;
    throw new Error('disk on fire');
  }
}

@Module({ providers: [GuideTools] })
class GuideToolsModule {}

describe("a team's tools under config/guide.yaml", () => {
  let app: NestFastifyApplication;
  let client: Client;
  beforeAll(async () => {
    const config = configured(folder, GUIDE, {
      ROOKERY_SERVER__PORT: '0',
      ROOKERY_MONITORING__METRICS_CONFIG__EXPORT_PORT: '0',
      ROOKERY_STORE__URL: 'memory:',
      ROOKERY_KNOWLEDGE__ENABLED: 'false',
    });
    const root = { module: GuideToolsModule, imports: [AppModule.forRoot(config)] };
    app = await NestFactory.create<NestFastifyApplication>(root, httpAdapter(config.server), { logger: false });
    await app.init();
    client = await modern(await listen(app), 'admin-key');
  });
  afterAll(async () => {
    await client.close();
    await app.close();
  });

  it('[S1] [R1] runs a cached tool once for one question', async () => {
    const ask = async (query: string) => (await client.call('search', { query }))['structuredContent'];
    expect([await ask('kea'), await ask('kea'), await ask('kaka')]).toMatchObject([{ run: 1 }, { run: 1 }, { run: 2 }]);
  });

  it('[S1] [R5] leaves a tool alone after failureThreshold faults', async () => {
    const codes: unknown[] = [];
    for (let call = 0; call < 7; call++) codes.push(codeOf(await client.call('fails')));
    expect(codes).toEqual([...Array.from({ length: 5 }, () => 'internal'), 'breaker_open', 'breaker_open']);
    expect(app.get(GuideTools, { strict: false }).faults).toBe(5);
  });
});

describe('the keys of the guide', () => {
  it('[S1] are in config/guide.yaml with their values', () => {
    expect(configured(folder, GUIDE)).toMatchObject({
      server: { name: 'custom-analytics-server', version: '1.2.0', maxMessageSize: 10_485_760 },
      auth: {
        apiKeys: {
          'admin-key': { permissions: ['read', 'write', 'admin'] },
          'user-key': { permissions: ['read', 'write'] },
          'readonly-key': { permissions: ['read'] },
        },
      },
      cache: { enabled: true, defaultTtl: 300, maxSize: 1000, cleanupInterval: 60 },
      circuitBreaker: { failureThreshold: 5, timeoutSeconds: 30, halfOpenMaxCalls: 3 },
      monitoring: {
        enableMetrics: true,
        metricsConfig: { exportFormat: 'prometheus', exportPort: 9090, collectionInterval: 30 },
      },
      rateLimit: {
        requestsPerMinute: 100,
        burstSize: 20,
        perUserLimits: { 'admin-key': 1000, 'user-key': 500, 'readonly-key': 100 },
      },
    });
  });

  const PRODUCTION = `
server:
  name: production-analytics-server
  version: 2.0.0
  description: Production analytics server with enterprise features
  maxMessageSize: 52428800
auth:
  jwt:
    secretKey: \${JWT_SECRET_KEY}
    algorithm: HS256
    tokenExpiryHours: 24
    issuer: https://id.example.com
    audience: https://mcp.example.com/mcp
permissions:
  roles:
    admin: [read, write, execute, manage, deploy]
    data_scientist: [read, write, execute]
    analyst: [read, write]
    viewer: [read]
circuitBreaker: { failureThreshold: 10, timeoutSeconds: 60, halfOpenMaxCalls: 5 }
monitoring:
  enableMetrics: true
  metricsExportFormat: prometheus
  metricsExportPort: 9090
  enableHealthChecks: true
  healthCheckInterval: 30
  enableDistributedTracing: true
  tracingSampleRate: 0.1
cache:
  enableCaching: true
  backend: redis
  redisUrl: \${REDIS_URL:-redis://localhost:6379}
  defaultTtl: 300
  maxSize: 10000
rateLimit:
  globalRequestsPerMinute: 1000
  perUserRequestsPerMinute: 100
  burstSize: 50
`;
  const ENV = { JWT_SECRET_KEY: 'a-test-secret-of-more-than-32-bytes!!' };

  function written(text: string): string {
    const file = join(folder, 'given.yaml');
    writeFileSync(file, text);
    return file;
  }

  it('[S1] of its production server are accepted', () => {
    expect(configured(folder, written(PRODUCTION), ENV)).toMatchObject({
      server: { name: 'production-analytics-server' },
      cache: { enabled: true, backend: 'redis', redisUrl: 'redis://localhost:6379' },
      redis: { url: 'redis://localhost:6379' },
      monitoring: { metricsExportPort: 9090, enableDistributedTracing: true, tracingSampleRate: 0.1 },
      rateLimit: { globalRequestsPerMinute: 1000, perUserRequestsPerMinute: 100, burstSize: 50 },
    });
  });

  it.each([
    [
      'rateLimit: { requestsPerMinute: 10, perUserRequestsPerMinute: 20 }',
      'perUserRequestsPerMinute',
      'requestsPerMinute',
    ],
    [
      'monitoring: { metrics: { exportPort: 9091 }, metricsExportPort: 9090 }',
      'metricsExportPort',
      'metrics.exportPort',
    ],
    ['monitoring: { metrics: { enabled: false }, enableMetrics: true }', 'enableMetrics', 'metrics.enabled'],
    ['monitoring: { tracing: { sampleRate: 0.5 }, tracingSampleRate: 0.1 }', 'tracingSampleRate', 'tracing.sampleRate'],
    [
      'monitoring: { health: { healthCheckInterval: 5 }, healthCheckInterval: 30 }',
      'healthCheckInterval',
      'health.health',
    ],
    ['cache: { enabled: false, enableCaching: true }', 'enableCaching', 'enabled'],
  ])('[S1] stop the start where two names disagree: %s', (text, one, other) => {
    let message = '';
    try {
      configured(folder, written(text));
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigurationError);
      message = (error as Error).message;
    }
    const line = message.split('\n').find((part) => part.includes(`${one}: `));
    expect(line).toContain(other);
  });

  it('[S1] [A11] in their short form do not start in production', () => {
    const start = () =>
      configured(folder, GUIDE, { ...ENV, NODE_ENV: 'production', JWT_ISSUER: 'i', JWT_AUDIENCE: 'a' });
    expect(start).toThrow(/short form/);
    expect(start).not.toThrow(/admin-key|user-key|readonly-key/);
  });
});
