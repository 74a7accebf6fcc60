import { createTestServer, type TestServer } from 'rookery/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { BirdsModule } from '../src/app.module.js';
import { KeeperGuard } from '../src/keeper.guard.js';

describe.each([
  ['memory', '2026-07-28'],
  ['memory', '2025-11-25'],
  ['http', '2026-07-28'],
  ['http', '2025-11-25'],
] as const)('birds by %s in the era of %s', (transport, era) => {
  let server: TestServer | undefined;
  afterEach(() => server?.close());
  const started = async (): Promise<TestServer['client']> => {
    server = await createTestServer({ imports: [BirdsModule], transport, era });
    return server.client;
  };

  it('are weighed', async () => {
    const client = await started();
    const { structuredContent } = await client.callTool({ name: 'weigh_bird', arguments: { name: 'kea', unit: 'kg' } });
    expect(structuredContent).toEqual({ name: 'kea', weight: 0.96 });
  });

  it('are listed with the schema of the tool', async () => {
    const { tools } = await (await started()).listTools();
    expect(tools).toMatchObject([{ name: 'weigh_bird', inputSchema: { required: ['name'] } }]);
  });

  it('are left alone when the guard says so', async () => {
    const client = await started();
    const result = await client.callTool({ name: 'weigh_bird', arguments: { name: 'kakapo' } });
    expect(result).toMatchObject({ isError: true, content: [{ text: 'The kakapo is shy; leave it alone.' }] });
  });

  it('are weighed nevertheless when a test replaces the guard', async () => {
    server = await createTestServer({
      imports: [BirdsModule],
      transport,
      era,
      override: (builder) => builder.overrideGuard(KeeperGuard).useValue({ canActivate: () => true }),
    });
    const result = await server.client.callTool({ name: 'weigh_bird', arguments: { name: 'kakapo' } });
    expect(result.structuredContent).toEqual({ name: 'kakapo', weight: 2000 });
  });

  it('are refused when the arguments are wrong', async () => {
    const client = await started();
    const result = await client.callTool({ name: 'weigh_bird', arguments: { name: '', unit: 'lb' } });
    expect(result).toMatchObject({ isError: true, _meta: { 'rookery/code': 'invalid_arguments' } });
  });

  it('are read as a resource', async () => {
    const { contents } = await (await started()).readResource({ uri: 'bird://kea' });
    expect(contents).toMatchObject([{ uri: 'bird://kea', mimeType: 'application/json' }]);
  });
});
