import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import { assertAllowed, egressFetch, type FetchInit } from './egress-fetch.js';
import { OAuthEgress } from './oauth-egress.js';

const GET: FetchInit = { method: 'GET', headers: {}, redirect: 'manual' };
const LIMITS = { timeoutMs: 2_000, loopback: true };
const egress = new OAuthEgress();
const open: Server[] = [];

afterEach(() => {
  for (const server of open.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  open.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`;
}

const through = (limits = LIMITS) => egressFetch((url, init) => egress.fetch(url, init), limits);

describe('egressFetch', () => {
  it('gives back status, headers and body', async () => {
    const url = await serve((_request, response) => response.writeHead(418, { 'x-a': 'b' }).end('{"n":1}'));
    const response = await through()(url, GET);
    expect([response.status, response.headers.get('x-a'), await response.json()]).toEqual([418, 'b', { n: 1 }]);
  });

  it('gives back an answer without a body', async () => {
    const url = await serve((_request, response) => response.writeHead(204).end());
    expect((await through()(url, GET)).status).toBe(204);
  });

  it('follows no redirect', async () => {
    let asked = 0;
    const url = await serve((_request, response) => {
      asked++;
      response.writeHead(307, { location: '/elsewhere' }).end();
    });
    await expect(through()(url, GET)).rejects.toThrow('redirect (307), which is not followed');
    expect(asked).toBe(1);
  });

  it('takes no answer that does not end, or is too large', async () => {
    const endless = await serve((_request, response) => {
      response.writeHead(200);
      response.on('error', () => undefined);
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(16_384)));
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    });
    await expect(through()(endless, GET)).rejects.toThrow('more than 262144 bytes');
  });

  it('waits no longer than it may, for the body too', async () => {
    const url = await serve((_request, response) => void response.writeHead(200).write('{'));
    await expect(through({ ...LIMITS, timeoutMs: 100 })(url, GET)).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it.each([
    ['http://example.com/token', true, false],
    ['http://127.0.0.1/token', true, true],
    ['http://127.0.0.1/token', false, false],
    ['http://[::1]/token', true, true],
    ['http://127.0.0.1.example.com/token', true, false],
    ['https://example.com/token', false, true],
    ['javascript:alert(1)', true, false],
    ['file:///etc/passwd', true, false],
  ])('%s, loopback %s: allowed %s', (url, loopback, allowed) => {
    const check = () => assertAllowed(url, loopback);
    if (allowed) expect(check).not.toThrow();
    else expect(check).toThrow('is not https');
  });
});
