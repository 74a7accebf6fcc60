import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InMemoryTelemetry } from '../in-memory-telemetry.js';
import { EgressGuard, type EgressGuardOptions } from './egress-guard.js';

let server: Server;
let origin = '';
let port = 0;
const seen: IncomingMessage[] = [];
const telemetry = new InMemoryTelemetry();
const guards: EgressGuard[] = [];

const answers: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => void>> = {
  '/ok': (_, response) => response.end('fine'),
  '/gzip': (_, response) => response.setHeader('content-encoding', 'gzip').end(gzipSync('a'.repeat(1_000_000))),
  '/loop': (_, response) => response.writeHead(302, { location: '/loop' }).end(),
  '/inside': (_, response) => response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end(),
  '/file': (_, response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
  '/other': (_, response) => response.writeHead(307, { location: `http://localhost:${port}/echo` }).end(),
  '/see-other': (_, response) => response.writeHead(303, { location: '/echo' }).end(),
  '/echo': (request, response) => {
    response.end(JSON.stringify({ method: request.method, headers: request.headers }));
  },
  '/hang': () => undefined,
  '/drip': (_, response) => void response.writeHead(200).write('a'),
};

beforeAll(async () => {
  server = createServer((request, response) => {
    seen.push(request);
    request.resume();
    request.on('end', () => answers[request.url ?? '']?.(request, response));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
  origin = `http://127.0.0.1:${port}`;
});

afterAll(async () => {
  await Promise.all(guards.map((made) => made.close()));
  server.closeAllConnections();
  server.close();
});

function guard(options: Partial<EgressGuardOptions> = {}): EgressGuard {
  const made = new EgressGuard({ allow: ['http://*:*'], privateRanges: ['127.0.0.1'], telemetry, ...options });
  guards.push(made);
  return made;
}

const refusals = (reason: string): number =>
  telemetry.samples().find(({ name, labels }) => name === 'rookery_egress_refused_total' && labels['reason'] === reason)
    ?.value ?? 0;

describe('EgressGuard', () => {
  it('asks, follows redirects, and reads what was compressed', async () => {
    expect(await guard().request(`${origin}/ok`)).toMatchObject({ status: 200, url: `${origin}/ok` });
    expect((await guard().request(`${origin}/gzip`)).body).toHaveLength(1_000_000);
    const { body } = await guard().request(`${origin}/see-other`, { method: 'POST', body: 'x' });
    expect(JSON.parse(body.toString())).toMatchObject({ method: 'GET' });
  });

  it('keeps credentials from another origin', async () => {
    const headers = { Authorization: 'Bearer s', 'X-Api-Key': 's', cookie: 's', 'x-other': 'kept' };
    const resolve: EgressGuardOptions['resolve'] = (_host, _options, done) =>
      done(null, [{ address: '127.0.0.1', family: 4 }]);
    const { body } = await guard({ resolve }).request(`${origin}/other`, { method: 'POST', headers, body: 'x' });
    const echoed = JSON.parse(body.toString()) as { method: string; headers: Record<string, string> };
    expect(echoed.method).toBe('POST');
    expect(echoed.headers).toMatchObject({ 'x-other': 'kept' });
    for (const name of ['authorization', 'x-api-key', 'cookie']) expect(echoed.headers).not.toHaveProperty(name);
  });

  it.each([
    ['/loop', 'redirects'],
    ['/inside', 'address'],
    ['/file', 'scheme'],
  ])('refuses where %s leads, and counts it', async (path, reason) => {
    const before = refusals(reason);
    await expect(guard().request(`${origin}${path}`)).rejects.toMatchObject({ code: 'forbidden', reason });
    expect(refusals(reason)).toBe(before + 1);
  });

  it('refuses a name with one address that is not allowed, without connecting to any', async () => {
    const before = seen.length;
    const resolve: EgressGuardOptions['resolve'] = (_host, _options, done) =>
      done(null, [
        { address: '127.0.0.1', family: 4 },
        { address: '10.0.0.1', family: 4 },
      ]);
    await expect(guard({ resolve }).request(`http://rebound.example:${port}/ok`)).rejects.toMatchObject({
      reason: 'address',
    });
    await expect(guard({ resolve }).fetch(`http://rebound.example:${port}/ok`)).rejects.toMatchObject({
      reason: 'address',
    });
    expect(seen).toHaveLength(before);
  });

  it('connects to the address that was checked, whatever the name says a moment later', async () => {
    let asked = 0;
    const resolve: EgressGuardOptions['resolve'] = (_host, _options, done) =>
      done(null, [{ address: asked++ === 0 ? '127.0.0.1' : '169.254.169.254', family: 4 }]);
    const rebound = guard({ resolve });
    expect((await rebound.request(`http://rebound.example:${port}/ok`)).status).toBe(200);
    expect(asked).toBe(1);
  });

  it('reads no more than it may, decompressed', async () => {
    await expect(guard().request(`${origin}/gzip`, { maxBytes: 10_000 })).rejects.toMatchObject({ reason: 'size' });
  });

  it.each(['/hang', '/drip'])('ends with its time: %s', async (path) => {
    await expect(guard().request(`${origin}${path}`, { timeoutMs: 100 })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
  });

  it('ends with its caller', async () => {
    const controller = new AbortController();
    const asked = guard().request(`${origin}/hang`, { signal: controller.signal });
    controller.abort(new Error('gone'));
    await expect(asked).rejects.toThrow('gone');
  });

  it('stands in for fetch: the same rules, and no redirects', async () => {
    const { fetch } = guard();
    expect(await (await fetch(`${origin}/ok`)).text()).toBe('fine');
    expect(await (await fetch(new Request(`${origin}/echo`, { method: 'PUT', body: 'x' }))).json()).toMatchObject({
      method: 'PUT',
    });
    await expect(fetch(`${origin}/other`)).rejects.toThrow('fetch failed');
    await expect(fetch('http://10.0.0.1/')).rejects.toMatchObject({ reason: 'address' });
  });
});
