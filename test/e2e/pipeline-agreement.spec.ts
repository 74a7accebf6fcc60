import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CorrelationNode,
  DataCleanerNode,
  NodeTools,
  NodesModule,
  PythonCodeNode,
  StatisticsNode,
} from '../../src/index.js';
import { isObject } from '../../src/core/index.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';
import { pythonWithPandas } from '../support/python/index.js';
import { GUIDE_PYTHON } from './support/guide-python.js';

type Row = Readonly<Record<string, unknown>>;

const TOLERANCE = 1e-9;
/** What is left where numbers cancel each other. */
const FLOOR = 1e-12;

/** Numbers from 0 to 1, the same for a seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

/** Rows with gaps, rows that are there twice, and columns of every size that follow each other more and less. */
function rowsOf(seed: number, count: number): readonly Row[] {
  const random = randomOf(seed);
  const normal = (): number => Array.from({ length: 12 }, random).reduce((sum, one) => sum + one, -6);
  const rows = Array.from({ length: count }, (): Row => {
    const base = normal();
    return {
      base,
      follows: 3 * base + normal() / 4,
      opposes: random() < 0.1 ? null : 1e6 - 2_000 * base + 400 * normal(),
      skewed: Math.exp(normal()),
      tiny: random() * 1e-6,
      count: Math.floor(random() * 50),
      constant: 4,
      region: random() < 0.1 ? null : ['north', 'south', 'east'][Math.floor(random() * 3)],
    };
  });
  return [...rows, ...rows.slice(0, Math.ceil(count / 10))];
}

/** Whatever the guide's code says, ours says too, to nine digits. */
function expectAgreement(ours: unknown, theirs: unknown, path = '$'): void {
  if (typeof theirs === 'number') {
    expect(ours, path).toBeTypeOf('number');
    expect(Math.abs((ours as number) - theirs), path).toBeLessThanOrEqual(TOLERANCE * Math.abs(theirs) + FLOOR);
  } else if (Array.isArray(theirs)) {
    expect(ours, path).toHaveLength(theirs.length);
    for (const [index, one] of theirs.entries()) expectAgreement((ours as unknown[])[index], one, `${path}[${index}]`);
  } else if (isObject(theirs)) {
    for (const [name, one] of Object.entries(theirs)) expectAgreement((ours as Row)[name], one, `${path}.${name}`);
  } else {
    expect(ours, path).toEqual(theirs);
  }
}

describe("the nodes of the pipeline and the guide's own code in pandas", () => {
  let running: TestServer;

  beforeAll(async () => {
    await pythonWithPandas();
    const code = { python: { runners: ['bwrap-python' as const], poolSize: 1 } };
    running = await createTestServer({ imports: [NodesModule.forRoot({ code })] });
    const tools = running.app.get(NodeTools);
    await tools.registerNodeTool(DataCleanerNode, 'clean');
    await tools.registerNodeTool(StatisticsNode, 'describe');
    await tools.registerNodeTool(CorrelationNode, 'correlate');
    await tools.registerNodeTool(PythonCodeNode, 'python');
  }, 300_000);
  afterAll(() => running.close());

  async function call(name: string, args: Row): Promise<Row> {
    const { content, isError, structuredContent } = await running.client.callTool({ name, arguments: args });
    expect(isError ?? false, JSON.stringify(content)).toBe(false);
    return structuredContent as Row;
  }

  async function pandas(code: string, context: Row): Promise<Row> {
    const { result, runner } = await call('python', { code, context });
    expect(runner).toBe('bwrap-python');
    return result as Row;
  }

  it.each([
    [11, 12],
    [23, 200],
    [37, 1_000],
  ])('[N3] agree on generated rows (seed %i, %i rows)', { timeout: 60_000 }, async (seed, count) => {
    const data = rowsOf(seed, count);
    const [ours, theirs] = [await call('clean', { data }), await pandas(GUIDE_PYTHON.dataCleaner, { data })];
    expect(theirs['cleaning_summary']).toMatchObject({ cleaned_rows: count });
    expectAgreement(ours, theirs);
    const cleaned = theirs['cleaned_data'];
    const given = { cleaned_data: cleaned };
    expectAgreement(await call('describe', { data: cleaned }), await pandas(GUIDE_PYTHON.statisticalAnalyzer, given));
    const correlated = await pandas(GUIDE_PYTHON.correlationAnalyzer, given);
    expect(correlated['strong_correlations']).not.toEqual([]);
    expectAgreement(await call('correlate', { data: cleaned, threshold: 0.7 }), correlated);
  });
});
