import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ruleNames, violationsIn } from './cruise.js';
import rows from './rows.json' with { type: 'json' };
import { linesMatching, sourcesIn } from './sources.js';

const repository = resolve(import.meta.dirname, '../..');
const sources = sourcesIn(join(repository, 'src'));
const isSpec = ({ path }: { readonly path: string }): boolean => path.endsWith('.spec.ts');

describe('the source', () => {
  it('imports only what its row allows', async () => {
    expect(await violationsIn(repository)).toEqual([]);
  });

  it('has a row for everything in it', () => {
    const known = rows.flatMap(({ folders = [], files = [] }) => [...folders, ...files.map((file) => `${file}.ts`)]);
    const found = readdirSync(join(repository, 'src')).filter((name) => !isSpec({ path: name }));
    expect(found.filter((name) => !known.includes(name))).toEqual([]);
  });

  it('reads the environment in config only', () => {
    const others = sources.filter((source) => !source.path.startsWith('config/') && !isSpec(source));
    expect(linesMatching(others, readsEnvironment)).toEqual([]);
  });

  it('names what an index exports', () => {
    const indexes = sources.filter(({ path }) => /(^|\/)index\.ts$/.test(path));
    expect(linesMatching(indexes, exportsAll)).toEqual([]);
  });
});

const readsEnvironment = /\bprocess\s*(\?\.|\.)\s*env\b|\bprocess\s*\[\s*['"`]env|\benv\b.*\bfrom 'node:process'/;
const exportsAll = /\bexport\s+(type\s+)?\*/;

describe('a search of the text', () => {
  const found = (text: string, pattern: RegExp): readonly string[] => linesMatching([{ path: 'a.ts', text }], pattern);

  it.each(['process.env.HOME', "process['env']", 'const { HOME } = process.env', "import { env } from 'node:process'"])(
    'sees the environment in %s',
    (text) => expect(found(text, readsEnvironment)).toEqual(['a.ts:1']),
  );

  it.each(["export * from './a.js'", "export type * from './a.js'", "export * as a from './a.js'"])(
    'sees all exports in %s',
    (text) => expect(found(text, exportsAll)).toEqual(['a.ts:1']),
  );

  it('passes over comments', () => {
    expect(found('/**\n * process.env is for config\n */\n// process.env', readsEnvironment)).toEqual([]);
  });
});

/** One forbidden import each; what it imports is made as an empty module unless it is a package. */
const violations: readonly (readonly [rule: string, from: string, to: string])[] = [
  ['rows-point-down', 'src/core/up.ts', 'src/tools/index.ts'],
  ['rows-point-down', 'src/auth/up.ts', 'src/testing/index.ts'],
  ['rows-point-down', 'src/mcp/up.ts', 'src/index.ts'],
  ['rows-point-down', 'src/config/up.spec.ts', 'src/app.module.ts'],
  ['rows-point-down', 'src/mcp-server.module.ts', 'src/features/index.ts'],
  ['one-row-apart', 'src/auth/beside.ts', 'src/cache/index.ts'],
  ['one-row-apart', 'src/tools/beside.spec.ts', 'src/connectors/index.ts'],
  ['through-the-index', 'src/tools/deep.ts', 'src/core/deep.ts'],
  ['through-the-index', 'src/main.ts', 'src/config/deep.ts'],
  ['not-through-own-index', 'src/pipeline/own.ts', 'src/pipeline/index.ts'],
  ['not-through-own-index', 'src/mcp/methods/own.ts', 'src/mcp/index.ts'],
  ['not-through-own-index', 'src/mcp/transports/own.ts', 'src/mcp/transports/index.ts'],
  ['not-through-own-index', 'src/mcp/transports/stdio/own.ts', 'src/mcp/transports/stdio/index.ts'],
  ['features-use-the-public-entry', 'src/features/files/inside.ts', 'src/core/index.ts'],
  ['examples-use-the-public-entry', 'examples/first/inside.ts', 'src/core/index.ts'],
  ['source-stands-alone', 'src/core/outside.ts', 'test/fixture.ts'],
  ['protocol-sdk-confined', 'src/core/wire.ts', '@modelcontextprotocol/server'],
  ['protocol-sdk-confined', 'src/core/wire.spec.ts', '@modelcontextprotocol/client'],
  ['clients-confined', 'src/audit/client.ts', 'ioredis'],
  ['clients-confined', 'src/cache/client.ts', '@keyv/redis'],
  ['clients-confined', 'src/workflow/client.ts', '@nestjs/bullmq'],
  ['duckdb-confined', 'src/nodes/code/table.ts', '@duckdb/node-api'],
  ['declared-dependencies', 'src/core/developer.ts', 'dev-only'],
  ['declared-dependencies', 'src/core/undeclared.ts', 'undeclared'],
  ['resolvable', 'src/core/nowhere.ts', './nowhere-else.js'],
];

/** Imports that look like the ones above and are allowed. */
const allowed: readonly (readonly [from: string, to: string])[] = [
  ['src/tools/down.ts', 'src/core/index.ts'],
  ['src/tools/own.ts', 'src/tools/kept.ts'],
  ['src/index.ts', 'src/config/index.ts'],
  ['src/tools/with-client.spec.ts', 'src/testing/index.ts'],
  ['src/features/files/files.module.ts', 'src/index.ts'],
  ['src/features/files/files.spec.ts', 'src/testing/index.ts'],
  ['src/app.module.ts', 'src/features/files/index.ts'],
  ['src/cli/main.ts', 'src/bootstrap.ts'],
  ['examples/first/server.ts', 'src/index.ts'],
  ['src/mcp/wire.ts', '@modelcontextprotocol/server'],
  ['src/pipeline/interop.spec.ts', '@modelcontextprotocol/sdk'],
  ['src/adapters/redis/client.ts', 'ioredis'],
  ['src/nodes/data/table.ts', '@duckdb/node-api'],
  ['src/core/peer.ts', 'peer'],
  ['src/core/developer.spec.ts', 'dev-only'],
];

const dependencies = ['@modelcontextprotocol/server', '@modelcontextprotocol/client', 'ioredis', '@keyv/redis'];
const manifest = {
  dependencies: Object.fromEntries([...dependencies, '@nestjs/bullmq', '@duckdb/node-api'].map((name) => [name, '*'])),
  peerDependencies: { peer: '*' },
  devDependencies: { peer: '*', 'dev-only': '*', '@modelcontextprotocol/sdk': '*' },
};

describe('the rules', () => {
  const root = mkdtempSync(join(tmpdir(), 'rookery-architecture-'));
  let reported: readonly string[];

  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };

  const found = (to: string): string =>
    /^(src|test)\//.test(to) ? to : to.startsWith('.') ? to : `node_modules/${to}/index.js`;

  /** Writes both ends, unless another import has done it. */
  const importing = (from: string, to: string, what: string): void => {
    const up = '../'.repeat(from.split('/').length - 1) || './';
    write(from, `${what} '${found(to) === to && !to.startsWith('.') ? up + to.replace(/\.ts$/, '.js') : to}';\n`);
    if (!existsSync(join(root, found(to))) && !to.startsWith('.')) write(found(to), '');
    if (found(to) !== to) write(`node_modules/${to}/package.json`, JSON.stringify({ name: to, main: 'index.js' }));
  };

  const violationsOf = (path: string): readonly string[] =>
    reported.filter((violation) => violation.includes(`: ${path} → `));

  beforeAll(async () => {
    write('package.json', JSON.stringify(manifest));
    for (const [from, to] of allowed) importing(from, to, 'import');
    for (const [, from, to] of violations) importing(from, to, 'import type { Anything } from');
    importing('src/core/a.ts', 'src/core/b.ts', 'import type { B } from');
    importing('src/core/b.ts', 'src/core/a.ts', 'import type { A } from');
    reported = await violationsIn(root);
  });

  afterAll(() => rmSync(root, { recursive: true, force: true }));

  it.each(violations)('%s: %s may not import %s', (rule, from, to) => {
    expect(violationsOf(from)).toEqual([`${rule}: ${from} → ${found(to)}`]);
  });

  it('no-cycles: two files may not import types from each other', () => {
    expect(violationsOf('src/core/a.ts')).toEqual(['no-cycles: src/core/a.ts → src/core/b.ts']);
  });

  it.each(allowed)('%s may import %s', (from) => {
    expect(violationsOf(from)).toEqual([]);
  });

  it('are each broken by an import above', async () => {
    const broken = new Set([...violations.map(([rule]) => rule), 'no-cycles']);
    expect(await ruleNames()).toEqual([...broken].toSorted());
  });
});
