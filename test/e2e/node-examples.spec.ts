import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isObject, type JsonSchema } from '../../src/core/index.js';
import { NodeCatalogue, NodeTools, NodesModule, SwitchNode, type NodeContext, type NodeType } from '../../src/index.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';

/** What the application has; a type that is added or lost is a decision. */
const TYPES = [
  'AggregateNode',
  'CSVReaderNode',
  'CSVWriterNode',
  'CorrelationNode',
  'DataCleanerNode',
  'DataTransformer',
  'DirectoryReaderNode',
  'EmbeddingGeneratorNode',
  'FilterNode',
  'GraphQLClientNode',
  'HTTPRequestNode',
  'JSONReaderNode',
  'JSONWriterNode',
  'JavaScriptCodeNode',
  'JoinNode',
  'LLMAgentNode',
  'MapNode',
  'MergeNode',
  'ParquetReaderNode',
  'PythonCodeNode',
  'RESTClientNode',
  'SQLDatabaseNode',
  'SortNode',
  'StatisticsNode',
  'SwitchNode',
  'TextReaderNode',
  'TextWriterNode',
];
const CATEGORIES = ['data', 'transform', 'api', 'code', 'ai', 'control'];

let running: TestServer;
let catalogue: NodeCatalogue;

beforeAll(async () => {
  running = await createTestServer({ imports: [NodesModule.forRoot({})] });
  catalogue = running.app.get(NodeCatalogue, { strict: false });
});
afterAll(async () => running.close());

it('the application has these nodes', () => {
  expect(catalogue.list().map(({ type }) => type)).toEqual(TYPES.toSorted());
});

describe.each(TYPES)('%s', (name) => {
  const node = (): NodeType => catalogue.get(name);

  it('says what it does, and belongs somewhere', () => {
    expect(node().description.trim().length).toBeGreaterThan(15);
    expect(CATEGORIES).toContain(node().category);
  });

  it('[N6] has examples that its schema passes', async () => {
    expect(node().examples.length).toBeGreaterThan(0);
    for (const { title, parameters, inputs } of node().examples) {
      expect(title.trim()).not.toBe('');
      expect(await node().parameters.parse(parameters)).toMatchObject({ ok: true });
      expect(inputs === undefined || node().openInputs).toBe(true);
    }
  });

  it('[N6] has parameters in snake_case, each with a description, and takes no others', () => {
    const schema = node().parameters.jsonSchema;
    const parameters = propertiesOf(schema);
    expect(parameters.length).toBeGreaterThan(0);
    expect(parameters.filter(([parameter]) => !/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(parameter))).toEqual([]);
    expect(parameters.filter(([, of]) => !isDescribed(of)).map(([parameter]) => parameter)).toEqual([]);
    expect(schema).toMatchObject({ additionalProperties: false });
  });

  it('[N6] refuses a parameter that it does not have', async () => {
    const [example] = node().examples;
    expect(await node().parameters.parse({ ...example?.parameters, no_such_parameter: 1 })).toMatchObject({
      ok: false,
    });
  });

  it('has an output schema', () => {
    expect(propertiesOf(node().output?.jsonSchema ?? {}).length).toBeGreaterThan(0);
  });
});

it('[N6] the examples of nodes that compute run, and give what their output schema says', async () => {
  const computing = catalogue.list().filter(({ category }) => ['transform', 'control'].includes(category));
  const examples = computing.flatMap((type) => type.examples.map((example) => ({ type, example })));
  const runnable = examples.filter(({ example }) => example.parameters['file_path'] === undefined);
  expect(runnable.length).toBeGreaterThan(10);
  for (const { type, example } of runnable) {
    const parsed = await type.parameters.parse(example.parameters);
    const { signal } = new AbortController();
    const context = { nodeId: example.title, inputs: example.inputs ?? {}, signal } as NodeContext;
    const output = await type.node.run(parsed.ok ? parsed.value : undefined, context);
    expect({ type: type.type, ...(await type.output?.parse(output)) }).toMatchObject({ type: type.type, ok: true });
  }
});

describe('SwitchNode as a tool', () => {
  beforeAll(async () => running.app.get(NodeTools, { strict: false }).registerNodeTool(SwitchNode, 'switch'));

  const choose = async (args: Record<string, unknown>) => running.client.callTool({ name: 'switch', arguments: args });

  it('[W5] says which branch is taken, and passes the data on', async () => {
    const data = { order: { lines: [{ state: 'open' }] } };
    const cases = { ship: 'paid', remind: 'open' };
    expect(await choose({ data, condition_field: 'order.lines[0].state', cases })).toMatchObject({
      structuredContent: { branch: 'remind', value: data },
    });
    expect(await choose({ data: false })).toMatchObject({ structuredContent: { branch: 'false', value: false } });
    expect(await choose({ data: { a: 1 }, condition_field: 'b', operator: 'is_present' })).toMatchObject({
      structuredContent: { branch: 'false' },
    });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['text that looks like a boolean', { data: 'false' }, '"false" is neither true nor false'],
    [
      'a path that leads nowhere',
      { data: { status: 1 }, condition_field: 'statu', value: 1 },
      'Did you mean "status"?',
    ],
    ['a value that no case fits', { data: 3, cases: { one: 1 } }, 'No case fits 3 (one)'],
    ['a value beside cases', { data: 1, value: 1, cases: { one: 1 } }, 'must not be there beside `value`'],
    ['a name of a branch that is a number', { data: 1, cases: { '1': 1 } }, 'begin with a letter'],
    ['nothing to judge', {}, 'data'],
  ])('[N6] refuses %s', async (_, args, message) => {
    const { isError, content } = await choose(args);
    expect(isError).toBe(true);
    expect(JSON.stringify(content)).toContain(JSON.stringify(message).slice(1, -1));
  });
});

function propertiesOf({ properties }: JsonSchema): readonly (readonly [string, unknown])[] {
  return isObject(properties) ? Object.entries(properties) : [];
}

function isDescribed(schema: unknown): boolean {
  return isObject(schema) && typeof schema['description'] === 'string' && schema['description'].trim() !== '';
}
