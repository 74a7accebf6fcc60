import { request } from 'node:https';
import { afterEach, describe, expect, it } from 'vitest';
import { AuthModule, createServer, type CreateServerOptions, type StandaloneServer } from '../../src/index.js';
import { makeCertificate, type TestCertificate } from '../support/certificates.js';
import { messageOf, postModern } from './support/http-messages.js';

const APP = 'https://app.example.com';
const endings: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
});

/** A server whose tool says where its caller is. */
async function serve(options: CreateServerOptions): Promise<string> {
  const standalone: StandaloneServer = await createServer({ port: 0, logger: false, ...options });
  endings.push(standalone.stop);
  await standalone.server.registerTool(
    { name: 'whereabouts', description: 'Says where you are' },
    (_input, call) => call.remoteAddress ?? 'nowhere',
  );
  return standalone.start();
}

const call = (url: string, headers: Record<string, string>): Promise<Response> =>
  postModern(url, 'tools/call', { name: 'whereabouts', arguments: {} }, { headers });

async function textOf(response: Response): Promise<unknown> {
  const { result } = await messageOf(response);
  return ((result?.['content'] ?? []) as { readonly text: string }[])[0]?.text;
}

describe('pages of other origins', () => {
  it('may ask and read the answer where they are configured', async () => {
    const url = await serve({ cors: { origins: [APP] } });
    const asked = await fetch(url, {
      method: 'OPTIONS',
      headers: {
        origin: APP,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type, mcp-method, authorization',
      },
    });
    expect(asked.status).toBe(204);
    expect(asked.headers.get('access-control-allow-headers')).toContain('authorization');
    const answered = await call(url, { origin: APP });
    expect(answered.status).toBe(200);
    expect(answered.headers.get('access-control-allow-origin')).toBe(APP);
  });

  it('are refused where they are not', async () => {
    const url = await serve({ cors: { origins: [APP] } });
    const answered = await call(url, { origin: 'https://evil.example' });
    expect(answered.status).toBe(403);
    expect(answered.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe("the client's address", () => {
  it('is what a trusted proxy says', async () => {
    const url = await serve({ trustedProxies: ['127.0.0.1'] });
    expect(await textOf(await call(url, { 'x-forwarded-for': '8.8.8.8, 203.0.113.7' }))).toBe('203.0.113.7');
  });

  it('is the peer where no proxy is trusted', async () => {
    const url = await serve({});
    expect(await textOf(await call(url, { 'x-forwarded-for': '203.0.113.7' }))).toBe('127.0.0.1');
  });
});

describe('HTTPS', () => {
  async function certificate(): Promise<TestCertificate> {
    const made = await makeCertificate();
    endings.push(() => made.remove());
    return made;
  }

  it('is served with the configured certificate, and plain HTTP is not', async () => {
    const { certFile, keyFile } = await certificate();
    const url = await serve({ tls: { certFile, keyFile } });
    expect(url).toMatch(/^https:/);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { accept: 'text/event-stream' };
      request(url, { rejectUnauthorized: false, headers }, (response) => resolve(response.statusCode))
        .on('error', reject)
        .end();
    });
    expect(status).toBe(400);
    await expect(fetch(url.replace('https', 'http'))).rejects.toThrow('fetch failed');
  });

  it('is refused where the files do not exist', async () => {
    const tls = { certFile: '/nowhere/cert.pem', keyFile: '/nowhere/key.pem' };
    await expect(serve({ tls })).rejects.toThrow('server.tls.certFile: "/nowhere/cert.pem" cannot be read (ENOENT)');
  });
});

describe('a host that others reach', () => {
  const host = '0.0.0.0';
  const withKey = (secret: string): CreateServerOptions => ({
    host,
    imports: [AuthModule.forRoot({ apiKeys: { reports: { secret } } })],
  });

  it.each([
    ['without authentication', { host }, 'callers are not authenticated'],
    ['with authentication that has no credentials', { host, imports: [AuthModule.forRoot({})] }, 'not authenticated'],
    ['with a sample key', withKey('your-secret-key'), 'auth.apiKeys.reports is a sample that everybody knows'],
    ['with a short key', withKey('k-8h2Jq0'), 'auth.apiKeys.reports has a key shorter than 16 characters'],
  ])('[A11] is refused %s', async (_what, options, message) => {
    await expect(serve(options)).rejects.toThrow(message);
  });

  it('[A11] is served with credentials that nobody can guess', async () => {
    const url = new URL(await serve(withKey('rk_reports_bm9ib2R5IGd1ZXNzZXMgdGhpcw')));
    url.hostname = '127.0.0.1';
    expect((await call(url.href, {})).status).toBe(401);
  });
});

it.each([
  [{ trustedProxies: ['proxy.example'] }, 'trustedProxies.0: must be an IP address or a range such as 10.0.0.0/8'],
  [{ cors: { origins: ['https://app.example.com/'] } }, 'cors.origins.0: must be an origin such as'],
])('refuses to start with %j', async (options, message) => {
  await expect(serve(options)).rejects.toThrow(message);
});
