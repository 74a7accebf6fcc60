import { Client } from '@modelcontextprotocol/client';
import { CancelTools } from './asking.examples.js';
import { ReadOnlyGuard, StockTools } from './enhancers.examples.js';
//#region test
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestServer, type TestServer } from '../../src/testing/index.js';
import { GreetingTools } from './greeting.tools.examples.js';

describe('greet', () => {
  let server: TestServer;

  beforeEach(async () => {
    server = await createTestServer({ providers: [GreetingTools] });
  });
  afterEach(() => server.close());

  it('greets', async () => {
    const { content } = await server.client.callTool({ name: 'greet', arguments: { name: 'Ada' } });
    expect(content).toEqual([{ type: 'text', text: 'Hello, Ada!' }]);
  });

  it('refuses a greeting for nobody', async () => {
    const { isError } = await server.client.callTool({ name: 'greet', arguments: {} });
    expect(isError).toBe(true);
  });
});
//#endregion

//#region override
it('reserves when everything is allowed', async () => {
  const { client, close } = await createTestServer({
    providers: [StockTools],
    server: { guards: [ReadOnlyGuard] },
    override: (builder) => builder.overrideProvider(ReadOnlyGuard).useValue({ canActivate: () => true }),
  });
  const { content } = await client.callTool({ name: 'reserve', arguments: { item: 'lamp' } });
  expect(content).toEqual([{ type: 'text', text: 'lamp is reserved' }]);
  await close();
});
//#endregion

//#region eras
describe.each(['2026-07-28', '2025-11-25'] as const)('over HTTP, in %s', (era) => {
  it('greets', async () => {
    const { client, close } = await createTestServer({ providers: [GreetingTools], transport: 'http', era });
    expect(await client.callTool({ name: 'greet', arguments: { name: 'Ada' } })).toMatchObject({
      content: [{ text: 'Hello, Ada!' }],
    });
    await close();
  });
});
//#endregion

//#region answering
it('cancels when the user gives a reason', async () => {
  const server = await createTestServer({ providers: [CancelTools] });
  const client = new Client(
    { name: 'user', version: '1.0.0' },
    { capabilities: { elicitation: { form: {} } }, versionNegotiation: { mode: { pin: '2026-07-28' } } },
  );
  client.setRequestHandler('elicitation/create', () => ({ action: 'accept', content: { reason: 'bought twice' } }));
  await client.connect(server.newTransport());
  const { content } = await client.callTool({ name: 'cancel_order', arguments: { id: 'A-1' } });
  expect(content).toEqual([{ type: 'text', text: 'A-1 is cancelled: bought twice' }]);
  await client.close();
  await server.close();
});
//#endregion
