/**
 * The package as its users get it: packed, installed from the registry into a fresh Nest application outside this
 * repository (test/library/app), type-checked there, tested, started and called. Ends with 0 when all of it works.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const repository = resolve(import.meta.dirname, '..');
const folder = mkdtempSync(join(tmpdir(), 'rookery-library-'));
const app = join(folder, 'app');
const packed = join(folder, 'packed');
/** The protocol's own envelope; a client's library would add it. */
const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': {},
};

try {
  const tarball = await step('pack', pack);
  await step('contents', () => checkContents(tarball.files));
  await step('install', () => install(tarball.path));
  await step('declarations', checkDeclarations);
  await step('import without optional peers', importWithoutPeers);
  await step('type check', () => run('node', ['node_modules/typescript/bin/tsc'], app));
  await step('tests', () => run('node', ['node_modules/vitest/vitest.mjs', 'run'], app));
  await step('command line', commandLine);
  await step('start and call', startAndCall);
  console.log('The package works in a fresh application.');
} catch (error) {
  console.error(`FAILED: ${error.message}`);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function step(name, work) {
  const begun = performance.now();
  const result = await work();
  console.log(`== ${name}: ${((performance.now() - begun) / 1000).toFixed(1)} s`);
  return result;
}

/** Runs a command to its end; what it printed is shown when it fails. */
function run(command, args, cwd) {
  // A test runner above leaves variables that would change the one inside.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_ENV|TEST$)/.test(name)),
  );
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, env, encoding: 'utf8', timeout: 240_000 });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stdout}\n${stderr}`);
  return stdout;
}

function expectEqual(actual, expected, what) {
  const [found, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (found !== wanted) throw new Error(`${what}: expected ${wanted}, found ${found}`);
}

/** Without the package's scripts: `prepack` would remove a build that others are using. */
function pack() {
  run('node', ['scripts/ensure-built.mjs'], repository);
  mkdirSync(packed);
  const [report] = JSON.parse(
    run('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', packed], repository),
  );
  return { path: join(packed, report.filename), files: report.files.map(({ path }) => path) };
}

function checkContents(files) {
  const allowed =
    /^(dist\/.+\.(js|d\.ts)|docs\/.+|config\/.+\.yaml|deploy\/.+\.(json|yml|md)|package\.json|README\.md|LICENSE|SECURITY\.md|CHANGELOG\.md)$/;
  const unwanted = /\.spec\.|\.examples\.(js|d\.ts)$|tsbuildinfo|node_modules|^docs\/api\/|\.env/;
  const foreign = files.filter((path) => !allowed.test(path) || unwanted.test(path));
  expectEqual(foreign, [], 'files that do not belong into the package');
  const needed = [
    'dist/index.js',
    'dist/index.d.ts',
    'dist/testing/index.js',
    'dist/adapters/index.js',
    'dist/cli/main.js',
    'dist/main.js',
  ];
  const missing = [...needed, 'LICENSE', 'README.md', 'SECURITY.md', 'CHANGELOG.md', 'config/default.yaml'].filter(
    (path) => !files.includes(path),
  );
  expectEqual(missing, [], 'files that the package lacks');
}

function install(tarball) {
  cpSync(join(repository, 'test/library/app'), app, { recursive: true });
  run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball], app);
}

/**
 * Every package that a declaration names must come with ours, as a dependency or a peer; what the main entry leads to
 * may not name an optional peer, which need not be there.
 */
function checkDeclarations() {
  const root = join(app, 'node_modules/rookery');
  const { dependencies, peerDependencies, peerDependenciesMeta } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  const known = new Set([...Object.keys(dependencies), ...Object.keys(peerDependencies), ...builtinModules]);
  const optional = new Set(Object.keys(peerDependenciesMeta));
  const reachable = reachableFrom(join(root, 'dist/index.d.ts'));
  for (const file of readdirSync(join(root, 'dist'), { recursive: true }).filter((name) => name.endsWith('.d.ts'))) {
    const path = join(root, 'dist', file);
    for (const specifier of specifiersIn(path).filter((name) => !name.startsWith('.'))) {
      const parts = specifier.replace(/^node:/, '').split('/');
      const name = parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
      if (!known.has(name)) throw new Error(`dist/${file} names ${name}, which the package does not declare`);
      if (optional.has(name) && reachable.has(path)) {
        throw new Error(`dist/${file} names ${name}, an optional peer, and the main entry leads to it`);
      }
    }
  }
}

/** The declarations that one leads to, itself included. */
function reachableFrom(entry, seen = new Set()) {
  if (seen.has(entry)) return seen;
  seen.add(entry);
  for (const specifier of specifiersIn(entry).filter((name) => name.startsWith('.'))) {
    reachableFrom(resolve(dirname(entry), specifier.replace(/\.js$/, '.d.ts')), seen);
  }
  return seen;
}

function specifiersIn(path) {
  const text = readFileSync(path, 'utf8');
  return [...text.matchAll(/(?:from |import\(|^import )'([^']+)'/gm)].map(([, specifier]) => specifier);
}

function importWithoutPeers() {
  for (const peer of [
    'class-validator',
    'class-transformer',
    'class-validator-jsonschema',
    '@modelcontextprotocol/sdk',
  ]) {
    if (existsSync(join(app, 'node_modules', peer))) throw new Error(`${peer} was installed though it is optional`);
  }
  const script = "import('rookery').then(({ McpServerModule }) => console.log(typeof McpServerModule.forRoot))";
  expectEqual(run('node', ['-e', script], app).trim(), 'function', "import('rookery')");
}

function commandLine() {
  const { version } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'));
  const shown = run('node', ['node_modules/.bin/rookery', '--version'], app).trim();
  expectEqual(shown.includes(version), true, `rookery --version, which showed ${shown}`);
}

async function startAndCall() {
  const server = spawn('node', ['dist/src/main.js'], { cwd: app, env: { ...process.env, PORT: '0' } });
  const ended = new Promise((done) => server.once('close', done));
  try {
    const url = await printedUrl(server);
    const message = {
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'weigh_bird', arguments: { name: 'kea' }, _meta: META },
    };
    const response = await fetch(`${url}/mcp`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'tools/call',
        'mcp-name': 'weigh_bird',
      },
      body: JSON.stringify(message),
    });
    const { result } = await response.json();
    expectEqual(result?.structuredContent, { name: 'kea', weight: 960 }, 'weigh_bird');
  } finally {
    server.kill();
    await ended;
  }
}

function printedUrl(server) {
  return new Promise((done, fail) => {
    let shown = '';
    const look = (text) => {
      shown += text;
      const url = /listening on (\S+)/.exec(shown)?.[1];
      if (url) done(url);
    };
    server.stdout.on('data', look);
    server.stderr.on('data', look);
    server.once('close', () => fail(new Error(`the application ended before it listened:\n${shown}`)));
  });
}
