import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { packageInfo, type ConfigOverrides } from '../config/index.js';
import { application } from './application.js';
import { run } from './program.js';

// Commands load the application when they need it: a thousand modules, which is no part of what a test takes.
beforeAll(async () => void (await Promise.all([import('../app.module.js'), import('./in-process.js')])), 60_000);

/** The real application in this process, with the configuration that comes with the package. */
describe('rookery on the real application', () => {
  let cwd: string;
  let env: Readonly<Record<string, string>> = {};
  beforeEach(() => {
    env = {};
    cwd = mkdtempSync(join(tmpdir(), 'rookery-real-'));
  });
  afterEach(() => rmSync(cwd, { recursive: true }));

  const rookery = async (...argv: string[]) => {
    let [stdout, stderr] = ['', ''];
    const code = await run(argv, {
      out: (text) => (stdout += text),
      err: (text) => (stderr += text),
      source: (overrides: ConfigOverrides) => ({
        ...overrides,
        env,
        cwd,
        packageDirectory: packageInfo().directory,
      }),
      application,
    });
    return { code, stdout, stderr };
  };

  it('[S2] finds nothing wrong with the configuration files of the package, in any environment', async () => {
    const JWT = {
      JWT_SECRET_KEY: 'a-test-secret-of-more-than-32-bytes!!',
      JWT_ISSUER: 'https://id.example.com',
      JWT_AUDIENCE: 'https://mcp.example.com/mcp',
    };
    for (const [environment, variables] of Object.entries({ default: {}, development: {}, production: JWT })) {
      env = variables;
      const file = join(packageInfo().directory, 'config', `${environment}.yaml`);
      expect(await rookery('config', 'check', '--config', file)).toMatchObject({ code: 0 });
    }
  });

  it('calls a tool of a server that it starts for it', async () => {
    const { code, stdout, stderr } = await rookery(
      'call',
      'analyze_data',
      '--data',
      '1,2,3,4',
      '--arg',
      'analysis_type=statistical',
      '--json',
    );
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      isError: false,
      structuredContent: { summary: { mean: 2.5, count: 4 } },
    });
  });

  it('says how to reach a server when none answers', async () => {
    expect(await rookery('tools', '--url', 'http://127.0.0.1:9/mcp')).toMatchObject({ code: 1, stdout: '' });
    expect(await rookery('tools', '--url', 'ftp://x')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--url must be'),
    });
  });
});
