import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { application } from '../../src/cli/application.js';
import { run } from '../../src/cli/program.js';
import { packageInfo, type ConfigOverrides } from '../../src/config/index.js';

interface Described {
  readonly type: string;
  readonly category: string;
  readonly description: string;
  readonly parameters: { readonly properties: object; readonly required?: readonly string[] };
  readonly output: { readonly properties: object };
  readonly examples: readonly { readonly title: string; readonly parameters: Record<string, unknown> }[];
}

const cwd = mkdtempSync(join(tmpdir(), 'rookery-nodes-cli-'));
const config = join(cwd, 'config.yaml');

beforeAll(() => writeFileSync(config, 'knowledge: { enabled: false }\nfiles: { enabled: false }\n'));
afterAll(() => rmSync(cwd, { recursive: true }));

async function rookery(...argv: string[]) {
  let [stdout, stderr] = ['', ''];
  const code = await run(argv, {
    out: (text) => (stdout += text),
    err: (text) => (stderr += text),
    source: (overrides: ConfigOverrides) => ({ ...overrides, env: {}, cwd, packageDirectory: packageInfo().directory }),
    application,
  });
  return { code, stdout, stderr };
}

const nodes = async (...argv: string[]): ReturnType<typeof rookery> =>
  await rookery('nodes', ...argv, '--config', config);

describe('rookery nodes list', () => {
  it('has a line for each kind of node, with what it does', async () => {
    const { code, stdout, stderr } = await nodes('list');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^TYPE +CATEGORY +DESCRIPTION\n/);
    expect(stdout).toMatch(/^CSVReaderNode +data +\S.+$/m);
    expect(stdout).toMatch(/^SwitchNode +control +Choose a branch/m);
    for (const line of stdout.trimEnd().split('\n')) expect(line.length).toBeLessThan(140);
  });

  it('has those of a category', async () => {
    const { code, stdout } = await nodes('list', '--category', 'control');
    expect(code).toBe(0);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((line) => line.split(/\s+/, 2)),
    ).toEqual([
      ['MergeNode', 'control'],
      ['SwitchNode', 'control'],
    ]);
  });

  it('has schemas and examples for programs', async () => {
    const { code, stdout } = await nodes('list', '--json');
    expect(code).toBe(0);
    const all = JSON.parse(stdout) as readonly Described[];
    expect(all.length).toBeGreaterThan(20);
    for (const node of all) {
      expect(Object.keys(node.parameters.properties)).not.toEqual([]);
      expect(Object.keys(node.output.properties)).not.toEqual([]);
      expect(node.examples).not.toEqual([]);
    }
  });

  it('says which categories there are', async () => {
    expect(await nodes('list', '--category', 'contrl')).toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'error: there are no nodes of the category contrl; did you mean control?\n',
    });
    expect(await nodes('list', '--category', 'graphics')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('ai, api, code, control, data, transform'),
    });
  });
});

describe('rookery nodes show', () => {
  it('says what a node takes and gives', async () => {
    const { code, stdout, stderr } = await nodes('show', 'CSVReaderNode');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^CSVReaderNode\n {2}\S/);
    expect(stdout).toMatch(/^ {2}file_path {2}string, required\n {6}\S/m);
    expect(stdout).toMatch(/^ {2}delimiter {2}.*, default ","\n {6}\S/m);
    expect(stdout).toMatch(/^Outputs\n[\s\S]*^ {2}data {2}list of /m);
    expect(stdout).toContain("  await nodeTools.registerNodeTool(CSVReaderNode, 'csv_reader');\n");
    expect(stdout).toContain(`  rookery call csv_reader --data '{"file_path":"data/sales.csv"}'\n`);
    const prose = stdout.split('\n').filter((line) => !line.includes('rookery call'));
    expect(prose.filter((line) => line.length > 120)).toEqual([]);
  });

  it('shows examples with the inputs of a node that takes any', async () => {
    const { stdout } = await nodes('show', 'MergeNode');
    expect(stdout).toContain('takes inputs of any name');
    expect(stdout).toContain('// two lists');
    expect(stdout).toContain('  @McpNodeTool({ node: MergeNode })\n  twoLists(): NodeConfiguration {\n');
    expect(stdout).toContain(
      "    return { node_config: { mode: 'concat' }, inputs: { north: [1, 2], south: [3] } };\n  }\n",
    );
    expect(stdout).not.toContain('rookery call');
  });

  it('writes calls that a shell takes as they are', async () => {
    const { stdout } = await nodes('show', 'SwitchNode');
    const [, quoted = ''] = /rookery call switch --data '(.+)'$/m.exec(stdout) ?? [];
    expect(JSON.parse(quoted.replaceAll(String.raw`'\''`, "'"))).toMatchObject({ operator: 'greater', value: 100 });
  });

  it('is JSON for programs', async () => {
    const { code, stdout } = await nodes('show', 'SwitchNode', '--json');
    expect(code).toBe(0);
    const node = JSON.parse(stdout) as Described;
    expect(node).toMatchObject({ type: 'SwitchNode', category: 'control', readOnly: true, openInputs: false });
    expect(Object.keys(node.parameters.properties)).toEqual(
      expect.arrayContaining(['data', 'condition_field', 'operator', 'value', 'cases', 'default']),
    );
    expect(Object.keys(node.output.properties)).toEqual(['branch', 'value']);
  });

  it.each([
    ['CSVReadrNode', 'there is no node CSVReadrNode; did you mean CSVReaderNode?'],
    ['csvreader', 'there is no node csvreader; did you mean CSVReaderNode?'],
    ['Weather', 'there is no node Weather; `rookery nodes list` has them'],
  ])('asks whether %s was meant otherwise', async (type, message) => {
    expect(await nodes('show', type)).toEqual({ code: 2, stdout: '', stderr: `error: ${message}\n` });
  });
});

it('rookery nodes --help says what there is, and starts nothing', async () => {
  const { code, stdout } = await rookery('nodes', '--help');
  expect(code).toBe(0);
  expect(stdout).toMatch(/list \[options\] +list the kinds of nodes/);
  expect((await rookery('nodes', 'show', '--help')).stdout).toContain('rookery nodes show CSVReaderNode');
  expect(await rookery('nodes', 'show')).toMatchObject({ code: 2 });
});
