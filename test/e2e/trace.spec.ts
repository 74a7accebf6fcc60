import { Injectable } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { McpTool, type Call } from '../../src/index.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';

const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

@Injectable()
class TracedTools {
  @McpTool({ description: 'Says which trace it is part of.' })
  trace(_input: object, call: Call): string {
    return JSON.stringify(call.trace ?? null);
  }
}

describe('[protocol B14] the trace of a client', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await createTestServer({ providers: [TracedTools] });
  });

  afterAll(() => server.close());

  const traceOf = async (meta: Record<string, unknown>): Promise<unknown> => {
    const { content } = await server.client.callTool({ name: 'trace', arguments: {}, _meta: meta });
    return JSON.parse((content[0] as { text: string }).text);
  };

  it('reaches the handler', async () => {
    const trace = { traceparent: PARENT, tracestate: 'vendor=1', baggage: 'tenant=acme' };
    await expect(traceOf(trace)).resolves.toEqual(trace);
  });

  it.each([
    ['nothing', {}],
    ['no text', { traceparent: 7 }],
    ['a forbidden version', { traceparent: PARENT.replace('00-', 'ff-') }],
    ['an empty trace id', { traceparent: `00-${'0'.repeat(32)}-b7ad6b7169203331-01` }],
    ['something long', { traceparent: PARENT + 'a'.repeat(1000) }],
  ])('is none when it is %s', async (_what, meta) => {
    await expect(traceOf(meta)).resolves.toBeNull();
  });
});
