import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { AppConfig } from '../app.module.js';
import { loadConfig, type ConfigOverrides } from '../config/index.js';
import type { RemoteResult } from '../connectors/index.js';
import type { Application, ServerChoice } from './context.js';
import { run } from './program.js';

const sections = {
  server: z.strictObject({
    name: z.string().default('rookery'),
    host: z.string().default('127.0.0.1'),
    port: z.int().default(3000),
    key: z.string().meta({ secret: true }).optional(),
    tls: z.strictObject({ certFile: z.string() }).optional(),
  }),
};
const sumTool = {
  name: 'sum',
  title: 'Sum',
  description: 'Adds up.\nMore.',
  inputSchema: { properties: { data: {}, scale: { type: 'number' } } },
};

const unexpected = () => Promise.reject(new Error('not expected here'));
/** What none of these commands is to use. */
const untouched: Pick<Application, 'openStore' | 'open'> = {
  openStore: unexpected,
  open: unexpected,
};

const checks: Awaited<ReturnType<Application['checks']>> = [
  {
    needs: ['server'],
    faultsOf: ({ server }) =>
      (server as { readonly name?: string }).name === 'taken'
        ? [{ path: ['server', 'name'], message: 'is taken by another section' }]
        : [],
  },
];

let cwd: string;
let started: { transport: string; overrides: ConfigOverrides }[];
let connected: ServerChoice[];
let called: { name: string; args: unknown }[];
let closed: number;
let answer: RemoteResult;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'rookery-cli-'));
  [started, connected, called, closed] = [[], [], [], 0];
  answer = { isError: false, content: [{ type: 'text', text: '6' }] };
});

afterEach(() => rmSync(cwd, { recursive: true }));

/** Runs a command line against a pretended application. */
async function rookery(argv: string[], env: Record<string, string> = {}) {
  let [stdout, stderr] = ['', ''];
  const code = await run(argv, {
    out: (text) => (stdout += text),
    err: (text) => (stderr += text),
    source: (overrides) => ({ ...overrides, env, cwd, packageDirectory: '/opt/rookery' }),
    application: {
      ...untouched,
      sections: async () => sections,
      checks: async () => checks,
      // Of the sections only this one is there.
      configuration: async (source) => loadConfig(sections, source, checks) as unknown as AppConfig,
      start: async (transport, overrides) => void started.push({ transport, overrides }),
      connect: async (choice) => {
        connected.push(choice);
        return {
          listTools: async () => [sumTool],
          callTool: async (name, args) => {
            called.push({ name, args });
            return answer;
          },
          close: async () => void closed++,
        };
      },
    },
  });
  return { code, stdout, stderr };
}

const write = (name: string, text: string) => {
  mkdirSync(join(cwd, 'config'), { recursive: true });
  writeFileSync(join(cwd, name), text);
  return join(cwd, name);
};

describe('rookery', () => {
  it.each([
    ['--help'],
    ['start', '--help'],
    ['call', '--help'],
    ['config', 'show', '--help'],
    ['keys', '--help'],
    ['keys', 'create', '--help'],
    ['token', 'issue', '--help'],
    ['policy', 'explain', '--help'],
    ['audit', 'verify', '--help'],
    ['status', '--help'],
    ['breakers', '--help'],
    ['breakers', 'reset', '--help'],
    ['cache', 'clear', '--help'],
    ['--version'],
    ['help', 'call'],
  ])('%s %s answers on stdout and ends with 0', async (...argv) => {
    expect(await rookery(argv)).toMatchObject({ code: 0, stderr: '', stdout: expect.stringMatching(/Usage|^\d/) });
  });

  it('shows its help and ends with 2 when nothing is asked', async () => {
    expect(await rookery([])).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('Commands:') });
  });

  it.each([
    [['strat'], 'Did you mean start?'],
    [['config', 'shwo'], 'Did you mean show?'],
    [['start', '--prot', '1'], 'Did you mean --port?'],
    [['call'], "missing required argument 'tool'"],
    [['client-config', 'emacs'], 'claude, cursor, vscode'],
    [['start', 'surplus'], 'too many arguments'],
    [['keys', 'creat', 'x'], 'Did you mean create?'],
    [['keys', 'create'], "missing required argument 'id'"],
    [['token', 'issue'], "required option '--subject <id>' not specified"],
    [['policy', 'explain', '--tool', 'a', '--prompt', 'b'], 'cannot be used with option'],
    [['policy', 'explain', '--tool', 'a', '--principal', 'k', '--role', 'r'], 'cannot be used with option'],
    [['policy', 'explain'], 'name what is to be called: --tool'],
    [['breakers', 'reset'], "missing required argument 'name'"],
    [['limits'], 'name whose limits: --principal <id>'],
    [['limits', '--address', '192.0.2.7', '--issuer', 'i'], 'name whose limits: --principal <id>'],
    [['cache', 'clear'], 'name what is to be removed: --tool'],
    [['cache', 'clear', '--all', '--tag', 't'], 'or --all, and nothing else'],
    [['status', '--url', 'ftp://x'], '--url must be an http or https address'],
    [['status', '--url', 'http://me:secret@localhost'], '--url must have no user or password in it'],
  ])('ends %j with 2 and says what was meant', async (argv, text) => {
    expect(await rookery(argv)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(text) });
  });
});

describe('rookery start', () => {
  it('passes its options on as the strongest configuration', async () => {
    expect(
      await rookery(['start', '--port', '4000', '--config', 'a.yaml, b.yaml', '--config', 'c.yaml']),
    ).toMatchObject({ code: 0 });
    expect(started).toEqual([
      {
        transport: 'http',
        overrides: {
          files: ['a.yaml', 'b.yaml', 'c.yaml'],
          values: [{ path: 'server.port', text: '4000', label: '--port' }],
        },
      },
    ]);
  });

  it('serves over stdio', async () => {
    expect(await rookery(['stdio'])).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(started).toEqual([{ transport: 'stdio', overrides: { values: [] } }]);
  });
});

describe('rookery tools', () => {
  it('lists names and first lines', async () => {
    expect(await rookery(['tools'])).toEqual({ code: 0, stdout: 'sum  Adds up.\n', stderr: '' });
    expect(closed).toBe(1);
  });

  it('prints everything as JSON', async () => {
    const { stdout } = await rookery(['tools', '--json', '--url', 'http://localhost/mcp']);
    expect(JSON.parse(stdout)).toEqual([sumTool]);
    expect(connected).toEqual([{ url: 'http://localhost/mcp', overrides: { values: [] } }]);
  });
});

describe('rookery call', () => {
  it('calls the tool and prints its answer', async () => {
    expect(await rookery(['call', 'sum', '--data', '1,2,3', '--arg', 'scale=2'])).toEqual({
      code: 0,
      stdout: '6\n',
      stderr: '',
    });
    expect(called).toEqual([{ name: 'sum', args: { data: [1, 2, 3], scale: 2 } }]);
    expect(closed).toBe(1);
  });

  it('reads the arguments from a file', async () => {
    const file = write('request.json', '{"data": [4]}\n');
    await rookery(['call', 'sum', '--data', `@${file}`]);
    expect(called).toEqual([{ name: 'sum', args: { data: [4] } }]);
    expect(await rookery(['call', 'sum', '--data', '@/nowhere'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('ENOENT'),
    });
  });

  it('takes negative numbers', async () => {
    await rookery(['call', 'sum', '--data=-1,2']);
    expect(called).toMatchObject([{ args: { data: [-1, 2] } }]);
  });

  it('ends with 1 when the tool fails, the reason on stderr', async () => {
    answer = { isError: true, content: [{ type: 'text', text: 'too few numbers' }] };
    expect(await rookery(['call', 'sum'])).toEqual({ code: 1, stdout: '', stderr: 'too few numbers\n' });
    expect(await rookery(['call', 'sum', '--json'])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('"isError": true'),
      stderr: '',
    });
  });

  it('ends with 2 for a tool that does not exist, closing what it opened', async () => {
    expect(await rookery(['call', 'smu'])).toEqual({
      code: 2,
      stdout: '',
      stderr: 'error: there is no tool smu; did you mean sum?\n',
    });
    expect(closed).toBe(1);
    expect(called).toEqual([]);
  });
});

describe('rookery client-config', () => {
  const configOf = async (argv: string[], env?: Record<string, string>) => {
    const { code, stdout, stderr } = await rookery(['client-config', ...argv], env);
    expect(code).toBe(0);
    return { config: JSON.parse(stdout) as unknown, stderr };
  };

  it('prints the address that the configuration says', async () => {
    expect(await configOf(['vscode'], { ROOKERY_SERVER__PORT: '4000' })).toEqual({
      config: { servers: { rookery: { type: 'http', url: 'http://127.0.0.1:4000/mcp' } } },
      stderr: 'Put this into .vscode/mcp.json.\n',
    });
  });

  it('prints an https address when the server has a certificate', async () => {
    write('config/default.yaml', 'server: { host: 0.0.0.0, tls: { certFile: cert.pem } }');
    expect((await configOf(['cursor'])).config).toEqual({
      mcpServers: { rookery: { url: 'https://127.0.0.1:3000/mcp' } },
    });
  });

  it('[S2] says what does not fit together instead', async () => {
    write('config/default.yaml', 'server: { name: taken }');
    expect(await rookery(['client-config', 'vscode'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringContaining('server.name: is taken by another section'),
    });
  });

  it('names this installation and the files in full for stdio, and copies no variables', async () => {
    const file = write('config/default.yaml', 'server: { name: files }');
    const { config, stderr } = await configOf(['cursor', '--transport', 'stdio'], {
      NODE_ENV: 'production',
      ROOKERY_SERVER__KEY: 'hush',
    });
    expect(config).toEqual({
      mcpServers: {
        files: {
          command: process.execPath,
          args: ['/opt/rookery/dist/main.js', '--stdio'],
          env: { NODE_ENV: 'production', ROOKERY_CONFIG: file },
        },
      },
    });
    expect(stderr).toContain('not copied; add them to "env" if needed: ROOKERY_SERVER__KEY');
    expect(stderr).not.toContain('hush');
  });
});

describe('rookery config', () => {
  it('[S3] shows what is in effect, where it came from, and no secret', async () => {
    write('config/default.yaml', 'server: { port: 5 }');
    const env = { ROOKERY_SERVER__KEY: 'hush' };
    expect(await rookery(['config', 'show'], env)).toEqual({
      code: 0,
      stdout:
        '# from config/default.yaml, ROOKERY_SERVER__KEY\nserver:\n  name: rookery\n  host: 127.0.0.1\n  port: 5\n  key: "***"\n',
      stderr: '',
    });
    const { stdout } = await rookery(['config', 'show', '--json'], env);
    expect(JSON.parse(stdout)).toEqual({ server: { name: 'rookery', host: '127.0.0.1', port: 5, key: '***' } });
  });

  it('[S2] lists every fault and ends with 2', async () => {
    write('config/default.yaml', 'server: { prot: 1, host: 2 }');
    const text = await rookery(['config', 'check']);
    expect(text).toMatchObject({ code: 2, stdout: '' });
    expect(text.stderr).toContain(
      'The configuration has 2 faults:\n  - server.prot: is not a known key; did you mean server.port?',
    );
    const machine = await rookery(['config', 'check', '--json']);
    expect(machine).toMatchObject({ code: 2, stderr: '' });
    expect(JSON.parse(machine.stdout)).toMatchObject({
      valid: false,
      faults: [
        { path: 'server.prot', origin: 'config/default.yaml:1', suggestion: 'server.port' },
        { path: 'server.host' },
      ],
    });
  });

  it('[S2] also says what does not fit together', async () => {
    write('config/default.yaml', 'server: { name: taken }');
    for (const command of ['check', 'show']) {
      expect(await rookery(['config', command])).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringContaining('server.name: is taken by another section'),
      });
    }
  });

  it('says that nothing is wrong', async () => {
    expect(await rookery(['config', 'check'])).toEqual({
      code: 0,
      stdout: '',
      stderr: 'The configuration is valid (defaults only).\n',
    });
    expect(JSON.parse((await rookery(['config', 'check', '--json'])).stdout)).toEqual({ valid: true, faults: [] });
  });

  it('writes the key reference into a page and notices when that is out of date', async () => {
    expect((await rookery(['config', 'reference'])).stdout).toContain('| `server.port` |');
    const page = write('page.md', '# Keys\n\n<!-- keys -->\n<!-- /keys -->\n');
    expect(await rookery(['config', 'reference', '--check', '--into', page])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('out of date'),
    });
    expect(await rookery(['config', 'reference', '--into', page])).toMatchObject({ code: 0 });
    expect(readFileSync(page, 'utf8')).toContain('| `server.port` |');
    expect(await rookery(['config', 'reference', '--check', '--into', page])).toMatchObject({ code: 0 });
    expect(await rookery(['config', 'reference', '--check'])).toMatchObject({ code: 2 });
    expect(await rookery(['config', 'reference', '--into', write('empty.md', '')])).toMatchObject({ code: 2 });
    expect(await rookery(['config', 'reference', '--into', join(cwd, 'missing.md')])).toMatchObject({ code: 1 });
  });
});
