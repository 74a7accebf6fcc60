import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as samples from '../../docs/samples/nodes.examples.js';
import {
  NodeCatalogue,
  NodeTools,
  NodesModule,
  PermissionsModule,
  ResilienceModule,
  ToolCacheModule,
} from '../../src/index.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';

describe('the samples of nodes', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rookery-nodes-samples-'));
  let running: TestServer;

  beforeAll(async () => {
    mkdirSync(join(folder, 'reports'));
    writeFileSync(join(folder, 'reports', '2026-11.csv'), 'region;amount\nnorth;10\n');
    running = await createTestServer({
      imports: [
        ToolCacheModule.forRoot({}),
        ResilienceModule.forRoot({ limits: { eventLoopDelayMs: 5_000 } }),
        PermissionsModule.forRoot({ roles: { analyst: ['read'] } }),
        NodesModule.forRoot({
          roots: { reports: { path: join(folder, 'reports') } },
          secrets: { signing: { value: '0123456789abcdef' } },
        }),
      ],
      providers: [samples.WordCountNode, samples.KeyLengthNode, samples.ReportTools, samples.CountingTools],
    });
    const nodeTools = running.app.get(NodeTools, { strict: false });
    await nodeTools.registerNodeTool(samples.WordCountNode, 'count_freely');
    await nodeTools.registerNodeTool(samples.KeyLengthNode, 'key_length');
  });
  afterAll(async () => {
    await running.close();
    rmSync(folder, { recursive: true });
  });

  const call = async (name: string, args: Record<string, unknown>) =>
    running.client.callTool({ name, arguments: args });

  it('count words', async () => {
    expect(await call('count_freely', { text: 'nodes are tools', shortest: 4 })).toMatchObject({
      structuredContent: { words: 2 },
    });
    expect(await call('count_freely', { text: ' ' })).toMatchObject({ isError: true });
  });

  it('read a report of a month, and no other file', async () => {
    expect(await call('read_report', { month: '2026-11' })).toMatchObject({
      structuredContent: { data: [{ region: 'north', amount: 10 }] },
    });
    expect(await call('read_report', { month: '../etc' })).toMatchObject({ isError: true });
  });

  it('take the name of a secret, never its value', async () => {
    expect(await call('key_length', { text: 'a', key_ref: 'signing' })).toMatchObject({
      content: [{ type: 'text', text: '{"bits":128}' }],
    });
    const { isError, content } = await call('key_length', { text: 'a', key: '0123456789abcdef' });
    expect({ isError, text: JSON.stringify(content) }).toMatchObject({
      isError: true,
      text: expect.stringContaining('key_ref'),
    });
  });

  it('count words for callers with a permission only', async () => {
    await expect(call('count_words', { text: 'a' })).rejects.toThrow('count_words');
  });

  it('are served by a module that starts', async () => {
    const directory = process.cwd();
    process.chdir(folder);
    try {
      const app = await NestFactory.createApplicationContext(samples.ReportsModule, { logger: false });
      expect(app.get(NodeCatalogue, { strict: false }).get('WordCountNode').category).toBe('transform');
      await app.close();
    } finally {
      process.chdir(directory);
    }
  });
});
