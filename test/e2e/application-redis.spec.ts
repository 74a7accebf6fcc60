import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startRedis, type RedisServer } from '../support/servers/index.js';
import { messageOf, postModern } from './support/http-messages.js';
import { ServerProcess } from './support/server-process.js';

const MAIN = resolve(import.meta.dirname, '../../dist/main.js');
const LIMIT = 4;

describe('the application whose Redis is named by the cache only', () => {
  let redis: RedisServer;
  let folder: string;
  const processes: ServerProcess[] = [];
  beforeAll(async () => void (redis = await startRedis()), 300_000);
  afterAll(async () => await redis.stop());
  beforeEach(async () => {
    await redis.flush();
    folder = mkdtempSync(join(tmpdir(), 'rookery-one-redis-'));
    mkdirSync(join(folder, 'config'));
    writeFileSync(
      join(folder, 'config', 'default.yaml'),
      `cache: { backend: redis, redisUrl: '${redis.url}' }\nrateLimit: { requestsPerMinute: ${LIMIT} }\n`,
    );
  });
  afterEach(async () => {
    await Promise.all(processes.splice(0).map((process) => process.stop()));
    rmSync(folder, { recursive: true, force: true });
  });

  const start = (env: Readonly<Record<string, string>> = {}): ServerProcess => {
    const process = new ServerProcess([MAIN], { cwd: folder, env: { ROOKERY_SERVER__PORT: '0', ...env } });
    processes.push(process);
    return process;
  };
  const urlOf = async (process: ServerProcess): Promise<string> =>
    (await process.shows('stdout', /http:\/\/127\.0\.0\.1:\d+\/mcp/))[0];
  const codeAt = async (url: string): Promise<unknown> => {
    const args = { data: [1, 2, 3], analysis_type: 'statistical' };
    const { result } = await messageOf(await postModern(url, 'tools/call', { name: 'analyze_data', arguments: args }));
    return (result?.['_meta'] as Record<string, unknown> | undefined)?.['rookery/code'] ?? 'ok';
  };

  it('[R4] [R9] shares its limits between processes', async () => {
    const [one = '', two = ''] = await Promise.all([start(), start()].map(urlOf));
    const codes: unknown[] = [];
    for (const url of [one, one, two, two, two, one]) codes.push(await codeAt(url));
    expect(codes).toEqual(['ok', 'ok', 'ok', 'ok', 'rate_limited', 'rate_limited']);
  });

  it('[S2] does not start where redis.url names another one, and says so of both', async () => {
    const process = start({ ROOKERY_REDIS__URL: 'redis://secret-user:secret-word@elsewhere:6379' });
    expect((await process.ended()).code).toBeGreaterThan(0);
    expect(process.stderr).toMatch(/cache\.redisUrl: names another Redis than redis\.url.*config\/default\.yaml/);
    expect(process.stderr).toMatch(/redis\.url: names another Redis than cache\.redisUrl.*ROOKERY_REDIS__URL/);
    expect(process.stderr).not.toMatch(/secret-|elsewhere/);
  });
});
