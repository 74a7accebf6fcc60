import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ConfigSource } from './config-source.js';
import { ConfigurationError } from './configuration-error.js';
import { loadConfig, type CrossCheck } from './load-config.js';

const sections = {
  server: z.strictObject({
    name: z.string().default('rookery'),
    host: z.string().default('127.0.0.1'),
    port: z.int().min(0).max(65535).default(3000),
    hosts: z.array(z.string()).default([]),
    tls: z
      .strictObject({ keyFile: z.string().optional(), key: z.string().meta({ secret: true }).optional() })
      .prefault({}),
  }),
  cache: z.strictObject({
    enabled: z.boolean().default(true),
    defaultTtl: z.number().positive().default(60),
    kind: z.enum(['memory', 'redis']).default('memory'),
    perTool: z.record(z.string(), z.strictObject({ ttl: z.number() })).default({}),
  }),
};

const secretive = {
  auth: z.strictObject({
    secret: z.string().min(16).meta({ secret: true }),
    keys: z
      .record(
        z.string().meta({ secret: true }),
        z.strictObject({ id: z.string(), roles: z.array(z.string()).default([]) }),
      )
      .default({}),
  }),
};

let cwd: string;
let packageDirectory: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'rookery-cwd-'));
  packageDirectory = mkdtempSync(join(tmpdir(), 'rookery-package-'));
});

afterEach(() => {
  for (const directory of [cwd, packageDirectory]) rmSync(directory, { recursive: true });
});

const write = (path: string, text: string, directory = cwd) => {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  writeFileSync(join(directory, path), text);
};
const source = (env: Record<string, string> = {}, more: Partial<ConfigSource> = {}): ConfigSource => ({
  env,
  cwd,
  packageDirectory,
  ...more,
});
const load = (env?: Record<string, string>, more?: Partial<ConfigSource>) => loadConfig(sections, source(env, more));

/** The lines of the error that a start with this configuration is refused with. */
const refusal = (start: () => unknown): string[] => {
  try {
    start();
  } catch (error) {
    if (error instanceof ConfigurationError)
      return error.message
        .split('\n')
        .slice(1)
        .map((line) => line.slice(4));
    throw error;
  }
  throw new Error('was not refused');
};

describe('loadConfig: where values come from', () => {
  it('[S3] takes the defaults of the schemas when nothing is set', () => {
    expect(load()).toEqual({
      server: { name: 'rookery', host: '127.0.0.1', port: 3000, hosts: [], tls: {} },
      cache: { enabled: true, defaultTtl: 60, kind: 'memory', perTool: {} },
    });
  });

  it('[S3] lays default < NODE_ENV < ROOKERY_CONFIG < environment < _FILE < command line over each other', () => {
    write(
      'config/default.yaml',
      'server: { port: 1, name: "1", host: "1", hosts: ["1"] }\ncache: { defaultTtl: 1, kind: redis }',
    );
    write(
      'config/production.yaml',
      'server: { port: 2, name: "2", host: "2", hosts: ["2"] }\ncache: { defaultTtl: 2 }',
    );
    write('a.yaml', 'server: { port: 3, name: "3", host: "3" }\ncache: { defaultTtl: 3 }');
    write('b.yaml', 'server: { port: 4, name: "4", host: "4" }');
    write('name', '6\n');
    write('last.yaml', 'server: { host: "5" }');
    const env = {
      NODE_ENV: 'production',
      ROOKERY_CONFIG: 'a.yaml, b.yaml',
      ROOKERY_SERVER__PORT: '5',
      ROOKERY_SERVER__NAME: '5',
      ROOKERY_SERVER__NAME_FILE: 'name',
    };
    const config = load(env, { files: ['last.yaml'], values: [{ path: 'server.port', text: '7', label: '--port' }] });
    expect(config.server).toEqual({ port: 7, name: '6', host: '5', hosts: ['2'], tls: {} });
    expect(config.cache).toMatchObject({ defaultTtl: 3, kind: 'redis' });
  });

  it('[S3] takes development when NODE_ENV is unset or empty, and needs no file for it', () => {
    write('config/development.yaml', 'server: { port: 9 }');
    expect(load().server.port).toBe(9);
    expect(load({ NODE_ENV: '' }).server.port).toBe(9);
    expect(load({ NODE_ENV: 'staging' }).server.port).toBe(3000);
  });

  it('takes the config folder of the package as a whole when the working directory has none', () => {
    write('config/default.yaml', 'server: { port: 11 }', packageDirectory);
    write('config/development.yaml', 'server: { host: packaged }', packageDirectory);
    expect(load().server).toMatchObject({ port: 11, host: 'packaged' });
    write('config/default.yaml', 'server: { port: 12 }');
    expect(load().server).toMatchObject({ port: 12, host: '127.0.0.1' });
  });

  it('[S3] reads a variable as its key expects', () => {
    const config = load({
      ROOKERY_SERVER__HOSTS: 'a, b',
      ROOKERY_CACHE__ENABLED: 'false',
      ROOKERY_CACHE__DEFAULT_TTL: '1.5',
      ROOKERY_SERVER__NAME: '42',
      ROOKERY_SERVER__TLS__KEY: 'nested',
      UNRELATED: 'x',
      ROOKERY_API_KEY: 'reserved',
    });
    expect(config.server).toMatchObject({ hosts: ['a', 'b'], name: '42', tls: { key: 'nested' } });
    expect(config.cache).toMatchObject({ enabled: false, defaultTtl: 1.5 });
  });

  it('[S3] takes a key that really ends in file as that key', () => {
    write('key', 'the key\r\n\n');
    expect(load({ ROOKERY_SERVER__TLS__KEY_FILE: 'key' }).server.tls).toEqual({ keyFile: 'key' });
    expect(load({ ROOKERY_SERVER__TLS__KEY_FILE_FILE: 'key' }).server.tls).toEqual({ keyFile: 'the key' });
    expect(loadConfig(secretive, source({ ROOKERY_AUTH__SECRET_FILE: writeSecret() })).auth.secret).toBe(
      '0123456789abcdef',
    );
  });

  const writeSecret = () => {
    write('secret', '0123456789abcdef\n');
    return join(cwd, 'secret');
  };

  it('replaces ${NAME} in files as the key expects, after merging, and from NAME_FILE too', () => {
    write(
      'config/default.yaml',
      'server: { port: "${PORT:-8080}", name: "${UNSET}", host: "${NAME}" }\ncache: { enabled: "${CACHE}" }',
    );
    write('config/development.yaml', 'server: { name: fixed }');
    write('name', 'from a file\n');
    const config = load({ CACHE: '0', NAME_FILE: 'name', ROOKERY_SERVER__HOSTS: '${NOT_HERE}' });
    expect(config.server).toMatchObject({ port: 8080, name: 'fixed', host: 'from a file', hosts: ['${NOT_HERE}'] });
    expect(config.cache.enabled).toBe(false);
  });

  it('takes a section with nothing below it as empty', () => {
    write('config/default.yaml', 'server:\n  # port: 1\ncache:\n');
    expect(load().server.port).toBe(3000);
  });

  it('gives a frozen configuration', () => {
    const config = load();
    expect(() => Object.assign(config.server, { port: 1 })).toThrow(TypeError);
    expect(Object.isFrozen(config.server.hosts)).toBe(true);
  });
});

describe('loadConfig: what it refuses', () => {
  it('[S2] lists every fault at once, each with its path, what was expected and where it stands', () => {
    write('config/default.yaml', 'server:\n  port: many\n  hots: x\ncahce:\n  enabled: true\n');
    write('config/development.yaml', 'cache:\n  kind: disk\n  perTool:\n    slow: { tll: 3 }\nport: 1\n');
    const env = {
      ROOKERY_CACHE__DEFALT_TTL: '1',
      ROOKERY_CACHE__DEFAULT_TTL: 'soon',
      ROOKERY_CACHE__PER_TOOL: '{}',
      ROOKERY_CACHE__PER_TOOL__X__TTL: '1',
      ROOKERY_SERVER: '{}',
      ROOKERY_CONFIG: 'missing.yaml',
      ROOKERY_SERVER__NAME_FILE: 'nowhere',
    };
    expect(refusal(() => load(env)).toSorted()).toEqual(
      [
        'server.port: expected a whole number from 0 to 65535, got text (config/default.yaml:2)',
        'server.hots: is not a known key; did you mean server.host? (config/default.yaml:3)',
        'cahce: is not a known key; did you mean cache? (config/default.yaml:4)',
        'cache.kind: expected one of memory, redis, got text (config/development.yaml:2)',
        'cache.perTool.slow.tll: is not a known key; did you mean cache.perTool.slow.ttl? (config/development.yaml:4)',
        'port: is not a known key; did you mean server.port? (config/development.yaml:5)',
        'ROOKERY_CACHE__DEFALT_TTL: is not a variable that sets a known key; did you mean ROOKERY_CACHE__DEFAULT_TTL?',
        'cache.defaultTtl: expected a number above 0 (ROOKERY_CACHE__DEFAULT_TTL)',
        'ROOKERY_CACHE__PER_TOOL: would set cache.perTool, a map, which is set in files only',
        'ROOKERY_CACHE__PER_TOOL__X__TTL: would set cache.perTool, a map, which is set in files only',
        'ROOKERY_SERVER: would set server, which is a group of keys; set its keys, as ROOKERY_SERVER__NAME',
        `ROOKERY_CONFIG: ${join(cwd, 'missing.yaml')} does not exist`,
        `server.name: ${join(cwd, 'nowhere')} does not exist (ROOKERY_SERVER__NAME_FILE)`,
      ].toSorted(),
    );
  });

  it('[S2] says what is missing and how to set it, once every file could be read', () => {
    const missing =
      'auth.secret: is missing, a secret: set ROOKERY_AUTH__SECRET, or ROOKERY_AUTH__SECRET_FILE to the path of a file that holds it';
    expect(refusal(() => loadConfig(secretive, source()))).toEqual([missing]);
    write('config/default.yaml', 'auth: {');
    expect(refusal(() => loadConfig(secretive, source()))).toEqual([
      expect.stringContaining('config/default.yaml:1: is not valid YAML'),
    ]);
  });

  it('[S2] says which entry of a map lacks a key', () => {
    write('config/default.yaml', 'cache:\n  perTool:\n    fast: { ttl: 1 }\n    slow: {}\n');
    expect(refusal(() => load())).toEqual([
      'cache.perTool.slow.ttl: is missing: expected a number (config/default.yaml:4)',
    ]);
  });

  it('[S2] checks bounds of values from the environment and of the command line', () => {
    const values = [
      { path: 'cache.defaultTtl', text: 'x', label: '--ttl' },
      { path: 'cache.nothing', text: 'x', label: '--nothing' },
    ];
    expect(refusal(() => load({ ROOKERY_SERVER__PORT: '70000' }, { values }))).toEqual([
      'cache.defaultTtl: expected a number above 0 (--ttl)',
      'cache.nothing: is not a known key (--nothing)',
      'server.port: expected a whole number from 0 to 65535 (ROOKERY_SERVER__PORT)',
    ]);
  });

  it('[S2] names variables that a file needs, with the key, and what does not fit after they are replaced', () => {
    write('config/default.yaml', 'server:\n  name: "${A} and ${B}"\n  port: ${P}\n');
    expect(refusal(() => load({ P: 'x' }))).toEqual([
      'server.name: needs the environment variable A, which is not set and has no default (config/default.yaml:2)',
      'server.name: needs the environment variable B, which is not set and has no default (config/default.yaml:2)',
      'server.port: expected a whole number from 0 to 65535 after its ${…} is replaced (config/default.yaml:3)',
    ]);
  });

  it('[S2] refuses unknown keys even where a schema would drop them silently', () => {
    write('config/default.yaml', 'x: { a: 1, b: 2 }');
    expect(refusal(() => loadConfig({ x: z.object({ a: z.number() }) }, source()))).toEqual([
      'x.b: is not a known key; did you mean x.a? (config/default.yaml:1)',
    ]);
    expect(loadConfig({ x: z.looseObject({ a: z.number() }) }, source()).x).toEqual({ a: 1, b: 2 });
  });

  it('refuses a NODE_ENV that is a path', () => {
    expect(refusal(() => load({ NODE_ENV: '../../etc/x' }))).toEqual([
      expect.stringContaining('NODE_ENV: names a file'),
    ]);
  });

  it('refuses keys that mean something to JavaScript', () => {
    write(
      'config/default.yaml',
      '__proto__:\n  polluted: true\nserver:\n  constructor: { prototype: { polluted: true } }\n',
    );
    expect(refusal(() => load())).toHaveLength(2);
    expect(refusal(() => load({ ROOKERY___PROTO____POLLUTED: 'x' }))).toHaveLength(3);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });

  it.each([
    ['a folder', '.'],
    ['a device', '/dev/zero'],
  ])('refuses %s as a file', (_, path) => {
    expect(refusal(() => load({ ROOKERY_CONFIG: path }))).toEqual([expect.stringContaining('is not a regular file')]);
    expect(refusal(() => load({ ROOKERY_SERVER__NAME_FILE: path }))).toEqual([
      expect.stringContaining('is not a regular file'),
    ]);
  });

  it('refuses a file larger than 1 MiB', () => {
    write('big.yaml', '#'.repeat(1024 * 1024 + 1));
    expect(refusal(() => load({ ROOKERY_CONFIG: 'big.yaml' }))).toEqual([expect.stringContaining('larger than 1 MiB')]);
  });
});

describe('loadConfig: sections together', () => {
  const check: CrossCheck<typeof sections> = {
    needs: ['server', 'cache'],
    faultsOf: ({ server }) => (server.name === 'bad' ? [{ path: ['server', 'name'], message: 'is taken' }] : []),
    settled: ({ server, cache }) => ({ cache: { ...cache, defaultTtl: server.port } }),
  };
  const checked = (env: Record<string, string>) => loadConfig(sections, source(env), [check]);

  it('lets one have a say in another when nothing is wrong', () => {
    expect(checked({ ROOKERY_SERVER__PORT: '12' })).toMatchObject({ cache: { defaultTtl: 12, kind: 'memory' } });
    expect(Object.isFrozen(checked({}).cache)).toBe(true);
  });

  it('[S2] names what does not hold between them, with where it was set', () => {
    expect(refusal(() => checked({ ROOKERY_SERVER__NAME: 'bad' }))).toEqual([
      'server.name: is taken (ROOKERY_SERVER__NAME)',
    ]);
  });
});

describe('loadConfig: secrets', () => {
  const outcome = (text: string, env: Record<string, string> = {}, schema: typeof secretive = secretive) => {
    write('config/default.yaml', text);
    return refusal(() => loadConfig(schema, source(env))).join('\n');
  };

  it('never prints one in a fault', () => {
    expect(outcome('auth: { secret: tooshort }')).toBe(
      'auth.secret: expected string to have >=16 characters (config/default.yaml:1)',
    );
    expect(outcome('auth: { secret: a }')).toContain('expected string to have >=16 characters');
    expect(outcome('auth: { secret: [tooshort] }')).not.toContain('tooshort');
    expect(outcome('auth: {}', { ROOKERY_AUTH__SECRET: 'tooshort' })).not.toContain('tooshort');
    expect(outcome('auth: {}', { ROOKERY_AUTH__SECRTE: 'tooshort' })).not.toContain('tooshort');
  });

  it('never prints one that is the name of a key', () => {
    const fault = outcome(
      'auth: { secret: 0123456789abcdefgh, keys: { sk-live-1: { id: a, rolse: [] }, sk-live-2: { id: 3 } } }',
    );
    expect(fault).toContain('auth.keys["***"].rolse: is not a known key; did you mean auth.keys["***"].roles?');
    expect(fault).toContain('auth.keys["***"].id: expected text, got a number; put it in quotes');
    expect(fault).not.toContain('sk-live');
  });

  it('never prints one that a schema quotes in its own message', () => {
    const careless = {
      auth: secretive.auth.superRefine((auth, context) => {
        context.addIssue({
          code: 'custom',
          path: ['secret'],
          message: `API secret ${auth.secret} is on the list of weak ones`,
        });
      }),
    };
    write('config/default.yaml', 'auth: { secret: correct-horse-battery }');
    expect(refusal(() => loadConfig(careless, source()))).toEqual([
      'auth.secret: API secret *** is on the list of weak ones (config/default.yaml:1)',
    ]);
  });
});

describe('loadConfig: unions', () => {
  const unions = {
    sink: z.strictObject({
      target: z.discriminatedUnion('type', [
        z.strictObject({ type: z.literal('file'), path: z.string() }),
        z.strictObject({ type: z.literal('database'), table: z.string().default('audit') }),
      ]),
      proxy: z.union([z.boolean(), z.strictObject({ trusted: z.array(z.string()) })]).default(false),
    }),
  };
  const loaded = (text: string, env: Record<string, string> = {}) => {
    write('config/default.yaml', text);
    return loadConfig(unions, source(env)).sink;
  };

  it('[S2] tells what the option that was meant expects', () => {
    expect(loaded('sink: { target: { type: database } }', { ROOKERY_SINK__PROXY: 'true' })).toEqual({
      target: { type: 'database', table: 'audit' },
      proxy: true,
    });
    expect(loaded('sink: { target: { type: database } }', { ROOKERY_SINK__TARGET__TABLE: 't' }).target).toEqual({
      type: 'database',
      table: 't',
    });
    expect(refusal(() => loaded('sink: { target: { type: disk } }'))).toEqual([
      expect.stringMatching(/^sink.target.type: .*'file' \| 'database'/),
    ]);
    expect(refusal(() => loaded('sink: { target: { type: file, pth: x } }')).toSorted()).toEqual([
      expect.stringContaining('sink.target.path: is missing: expected text'),
      expect.stringContaining('sink.target.pth: is not a known key; did you mean sink.target.path?'),
    ]);
    expect(refusal(() => loaded('sink: { target: { type: database }, proxy: maybe }'))).toEqual([
      'sink.proxy: expected true or false or a group of keys, got text (config/default.yaml:1)',
    ]);
    expect(refusal(() => loaded('sink: { target: { type: database }, proxy: { trusted: 1 } }'))).toEqual([
      'sink.proxy.trusted: expected a list of texts, got a number (config/default.yaml:1)',
    ]);
  });
});
