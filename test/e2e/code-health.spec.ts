import { afterEach, beforeAll, expect, it } from 'vitest';
import {
  JavaScriptCodeNode,
  NodeTools,
  NodesModule,
  PythonCodeNode,
  type HealthFinding,
  type NodesModuleOptions,
} from '../../src/index.js';
import { pythonWithPandas } from '../support/python/index.js';
import { optionsForTests } from './support/code-runners.js';
import { serveHealth, type HealthServer } from './support/health-server.js';

const SELF_TESTS_MS = 60_000;

let server: HealthServer;

beforeAll(async () => await pythonWithPandas(), 300_000);
afterEach(() => server.stop());

async function serve(code: NodesModuleOptions['code']): Promise<void> {
  const { cacheDirectory } = optionsForTests();
  server = await serveHealth({}, { imports: [NodesModule.forRoot({ code: { cacheDirectory, ...code } })] });
}

const found = async (): Promise<HealthFinding | undefined> => (await server.ask()).details['code'];

/** Registers the code nodes as tools, and gives what health says when the runners have been tested. */
async function foundInUse(): Promise<HealthFinding | undefined> {
  const tools = server.app.get(NodeTools, { strict: false });
  await tools.registerNodeTool(PythonCodeNode, 'run_python');
  await tools.registerNodeTool(JavaScriptCodeNode, 'run_javascript');
  await expect
    .poll(async () => JSON.stringify(await found()), { timeout: SELF_TESTS_MS })
    .toMatch(/"state":"(used|refused)"/);
  return await found();
}

it('[O2] [N3] health shows the runner of each language, with its isolation', { timeout: 90_000 }, async () => {
  await serve({ python: { poolSize: 0 }, javascript: { poolSize: 0 } });
  expect(await found()).toMatchObject({ status: 'up', details: { runners: 'not tested yet' } });
  const isolation: unknown = expect.arrayContaining(['files', 'environment', 'network', 'processes', 'memory', 'time']);
  expect(await foundInUse()).toMatchObject({
    status: 'up',
    details: {
      runners: {
        'bwrap-python': { state: 'used', isolation },
        pyodide: { state: 'spare' },
        quickjs: { state: 'used', isolation },
      },
      running: 0,
      waiting: 0,
    },
  });
});

it('[O2] [N3] health is degraded when no runner of a language works, and says why', { timeout: 90_000 }, async () => {
  await serve({ python: { runners: ['bwrap-python'], bubblewrap: '/nowhere/bwrap' }, javascript: { poolSize: 0 } });
  const reason: unknown = expect.stringContaining('/nowhere/bwrap is missing: install the package bubblewrap');
  expect(await foundInUse()).toMatchObject({
    status: 'degraded',
    critical: false,
    message: 'No runner works for python code.',
    details: { runners: { 'bwrap-python': { state: 'refused', reason }, quickjs: { state: 'used' } } },
  });
  expect(await server.ask('/health/ready')).toMatchObject({ http: 200 });
});
