import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { SignJWT } from 'jose';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { messageOf, postModern } from './support/http-messages.js';
import { ServerProcess } from './support/server-process.js';

const repository = resolve(import.meta.dirname, '../..');
const MAIN = join(repository, 'dist/main.js');

/** What the image sets. */
const IMAGE = { NODE_ENV: 'production', ROOKERY_SERVER__HOST: '0.0.0.0', ROOKERY_SERVER__PORT: '0' };
/** Everything that `config/production.yaml` asks for, but the secret. */
const ISSUED = { JWT_ISSUER: 'https://id.example.com', JWT_AUDIENCE: 'https://mcp.example.com/mcp' };
/** Short of what HS256 needs. */
const WEAK = 'kF3vQ9xTz2';
const SAMPLE = 'your-secret-key';

const folders: string[] = [];
let server: ServerProcess | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** An installation with these files; with `config/` as the image has it, or without any of its own. */
function installation(files: Readonly<Record<string, string>>, asInTheImage: boolean): string {
  const folder = mkdtempSync(join(tmpdir(), 'rookery-exposure-'));
  folders.push(folder);
  cpSync(join(repository, 'config'), join(folder, 'config'), { recursive: true });
  if (!asInTheImage) rmSync(join(folder, 'config/production.yaml'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 });
  return folder;
}

function start(folder: string, env: Readonly<Record<string, string>>): ServerProcess {
  return (server = new ServerProcess([MAIN], { cwd: folder, env }));
}

/** A way to start that is refused: environment, files beside `config/`, and the path and the fix in the message. */
interface Refused {
  readonly env: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  /** Whether `config/production.yaml` is there. */
  readonly asInTheImage?: boolean;
  readonly path: string;
  readonly fix: RegExp;
}

const keys = (entry: string): Readonly<Record<string, string>> => ({ 'keys.yaml': `auth: { apiKeys: ${entry} }\n` });
const KEYS = { ROOKERY_CONFIG: 'keys.yaml' };

const REFUSED: readonly (readonly [what: string, start: Refused])[] = [
  [
    'the image without credentials',
    { env: IMAGE, asInTheImage: true, path: 'auth.jwt.secret', fix: /needs the environment variable JWT_SECRET_KEY/ },
  ],
  [
    'the image with a sample secret',
    {
      env: { ...IMAGE, ...ISSUED, JWT_SECRET_KEY: SAMPLE },
      asInTheImage: true,
      path: 'auth.jwt.secret',
      fix: /is a sample that everybody knows: take 32 random bytes/,
    },
  ],
  [
    'the image with a sample secret in a file',
    {
      env: { ...IMAGE, ...ISSUED, JWT_SECRET_KEY_FILE: 'jwt' },
      files: { jwt: `${SAMPLE}\n` },
      asInTheImage: true,
      path: 'auth.jwt.secret',
      fix: /is a sample that everybody knows: take 32 random bytes/,
    },
  ],
  [
    'the image with a weak secret',
    {
      env: { ...IMAGE, ...ISSUED, JWT_SECRET_KEY: WEAK },
      asInTheImage: true,
      path: 'auth.jwt.secret',
      fix: /is shorter than the 32 bytes that its signature needs/,
    },
  ],
  [
    'no credentials at all',
    { env: IMAGE, path: 'auth', fix: /Configure auth\.apiKeys, auth\.storedKeys or auth\.jwt/ },
  ],
  [
    'no credentials, out of production',
    { env: { ROOKERY_SERVER__HOST: '0.0.0.0' }, path: 'auth', fix: /Configure auth\.apiKeys.*0\.0\.0\.0/ },
  ],
  [
    'no credentials, in production on loopback',
    { env: { NODE_ENV: 'production' }, path: 'auth', fix: /Configure auth\.apiKeys.*NODE_ENV is production/ },
  ],
  [
    'an API key from a sample',
    {
      env: { ...IMAGE, ...KEYS },
      files: keys(`{ reports: { secret: ${SAMPLE} } }`),
      path: 'auth.apiKeys',
      fix: /is a sample that everybody knows: make one with `rookery keys create`/,
    },
  ],
  [
    'a weak API key',
    {
      env: { ...IMAGE, ...KEYS },
      files: keys(`{ reports: { secret: ${WEAK} } }`),
      path: 'auth.apiKeys',
      fix: /has a key shorter than 16 characters: make one with `rookery keys create`/,
    },
  ],
  [
    'a weak API key in a file',
    {
      env: { ...IMAGE, ...KEYS },
      files: { ...keys('{ reports: { secretFile: ./key } }'), key: `${WEAK}\n` },
      path: 'auth.apiKeys.reports',
      fix: /has a key shorter than 16 characters: make one with `rookery keys create`/,
    },
  ],
  [
    "the guide's short form",
    {
      env: { ...IMAGE, ...KEYS },
      files: keys('{ "k-8h2Jq0Zr5vN1xW7tB3yL6m": { permissions: [read] } }'),
      path: 'auth.apiKeys',
      fix: /is the short form, with the key as a name: give it an id, and the key as secretFile or hash/,
    },
  ],
];

describe('the application, started as the image starts it', () => {
  it.each(REFUSED)('[A11] refuses to start with %s', async (_what, { env, files = {}, asInTheImage, path, fix }) => {
    const process = start(installation(files, asInTheImage === true), env);
    expect((await process.ended()).code).toBeGreaterThan(0);
    expect(process.stderr).toContain(path);
    expect(process.stderr).toMatch(fix);
    expect(process.stdout).toBe('');
    for (const secret of [SAMPLE, WEAK, 'k-8h2Jq0']) expect(process.stderr).not.toContain(secret);
  });

  it('[A11] refuses to start with a weak API key in a file, in production on loopback', async () => {
    const files = { ...keys('{ reports: { secretFile: ./key } }'), key: `${WEAK}\n` };
    const env = { NODE_ENV: 'production', ROOKERY_SERVER__PORT: '0', ...KEYS };
    const process = start(installation(files, false), env);
    expect((await process.ended()).code).toBeGreaterThan(0);
    expect(process.stderr).toMatch(/auth\.apiKeys.*shorter than 16 characters.*rookery keys create/);
  });

  it('[A11] starts with a secret from a file, and lets in who has a token and nobody else', async () => {
    const secret = randomBytes(32).toString('base64');
    const folder = installation({ jwt: `${secret}\n` }, true);
    const process = start(folder, { ...IMAGE, ...ISSUED, JWT_SECRET_KEY_FILE: 'jwt' });
    const [, port = ''] = await process.shows('stdout', /http:\/\/0\.0\.0\.0:(\d+)\/mcp/);
    const list = (headers: Record<string, string>): Promise<Response> =>
      postModern(`http://127.0.0.1:${port}/mcp`, 'tools/list', {}, { headers });

    const anonymous = await list({});
    expect(anonymous.status).toBe(401);
    expect(anonymous.headers.get('www-authenticate')).toBe('Bearer realm="mcp"');
    expect((await list({ authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' })).status).toBe(401);

    const token = await new SignJWT({ roles: ['viewer'] })
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
      .setSubject('ann')
      .setIssuer(ISSUED.JWT_ISSUER)
      .setAudience(ISSUED.JWT_AUDIENCE)
      .setIssuedAt()
      .setExpirationTime('5 minutes')
      .sign(Buffer.from(secret));
    const admitted = await list({ authorization: `Bearer ${token}` });
    expect(admitted.status).toBe(200);
    expect((await messageOf(admitted)).result).toHaveProperty('tools');

    expect((await fetch(`http://127.0.0.1:${port}/health/live`)).status).toBe(200);
    expect(process.stdout + process.stderr).not.toContain(secret);
  });
});
