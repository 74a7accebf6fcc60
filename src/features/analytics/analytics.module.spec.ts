import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestServer, type TestEra, type TestServer } from '../../testing/index.js';
import { AnalyticsModule } from './analytics.module.js';

const ERAS: readonly TestEra[] = ['2026-07-28', '2025-11-25'];

describe.each(ERAS)('analyze_data, to a client of %s', (era) => {
  let test: TestServer;

  beforeEach(async () => {
    test = await createTestServer({ imports: [AnalyticsModule.forRoot({})], era });
  });

  afterEach(() => test.close());

  const call = (args: Readonly<Record<string, unknown>>): ReturnType<TestServer['client']['callTool']> =>
    test.client.callTool({ name: 'analyze_data', arguments: args });

  it('[S4] is listed with its raw JSON Schema, bounds and default included', async () => {
    const { tools } = await test.client.listTools();
    expect(tools).toHaveLength(1);
    expect(tools[0]?.inputSchema).toMatchObject({
      type: 'object',
      properties: { data: { maxItems: 100_000 }, confidence_level: { default: 0.95 } },
      additionalProperties: false,
    });
    expect(tools[0]?.outputSchema).toMatchObject({ type: 'object' });
  });

  it.each(['statistical', 'trend', 'correlation'])(
    '[S5] answers a %s analysis that keeps to the listed schema',
    async (type) => {
      // The client validates structured content against the listed schema and throws where it differs.
      for (const data of [[1, 2, 4, 8], [3], [5, 5, 5], [0, 0]]) {
        const { structuredContent, isError } = await call({ data, analysis_type: type });
        expect(isError).not.toBe(true);
        expect(structuredContent).toMatchObject({ analysis_type: type });
      }
    },
  );

  it('[S4] refuses what breaks the schema, naming every fault', async () => {
    const { isError, content } = await call({ data: [], analysis_type: 'magic', confidence_level: 2 });
    expect(isError).toBe(true);
    expect(JSON.stringify(content)).toMatch(/data.*analysis_type.*confidence_level/);
  });
});

describe('AnalyticsModule', () => {
  it('serves nothing when it is disabled', async () => {
    const { server, close } = await createTestServer({ imports: [AnalyticsModule.forRoot({ enabled: false })] });
    expect(server.tools).toEqual([]);
    await close();
  });
});
