import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { CallObservers, ServerStatus, type Call } from '../../src/index.js';
import { HttpEndpoint } from '../../src/mcp/transports/streamable-http/http-endpoint.js';
import { modernHeaders, modernMessage, toolCall } from './support/envelope.js';
import { HTTP_HOSTS } from './support/hosts.js';
import { connectTo, head, send, sendPieces, write } from './support/raw-http.js';
import { Served } from './support/served.js';

const LIST = { headers: modernHeaders('tools/list'), body: JSON.stringify(modernMessage('tools/list')) };

describe('a connection', () => {
  const served = new Served('front on Fastify');

  it('[protocol H2] that names no host is refused', async () => {
    const { received } = await sendPieces(served.url, [head({ ...LIST.headers, host: '', 'content-length': '0' })]);
    expect(received).toMatch(/^HTTP\/1\.1 403 /);
  });

  it('that is given up in the middle of a message leaves nothing behind', async () => {
    const { app } = served.host;
    const status = app?.get(ServerStatus);
    const server = app?.getHttpServer() as Server;
    const incoming = once(server, 'request') as Promise<[IncomingMessage]>;
    const socket = await connectTo(served.url);
    await write(socket, head({ ...LIST.headers, 'content-length': '1000' }) + LIST.body.slice(0, 20));
    const [request] = await incoming;
    const closed = new Promise((resolve) => request.socket.once('close', resolve));
    socket.destroy();
    await closed;
    expect(status?.connections).toBe(0);
    expect(await served.text('echo', { text: 'alive' })).toBe('alive');
  });

  it('that has gone when its message is to be taken begins no call', async () => {
    const { app } = served.host;
    const started = vi.fn<(call: Call) => void>();
    app?.get(CallObservers).add({ start: started });
    const server = app?.getHttpServer() as Server;
    const { headers, body } = toolCall('echo', { text: 'nobody hears this' });
    const closed = new Promise<void>((resolve) => {
      server.once('request', (request: IncomingMessage, response: ServerResponse) => {
        request.once('end', () => request.socket.destroy());
        response.once('close', resolve);
      });
    });
    const socket = await connectTo(served.url);
    await write(socket, head({ ...headers, 'content-length': String(Buffer.byteLength(body)) }) + body);
    await closed;
    expect(await served.text('echo', { text: 'alive' })).toBe('alive');
    expect(started.mock.calls.map(([{ input }]) => input)).toEqual([{ text: 'alive' }]);
  });

  it('gets an answer, and the server goes on, when what is behind the door is broken', async () => {
    const endpoint = served.host.app?.get(HttpEndpoint) as HttpEndpoint;
    const post = vi.spyOn(endpoint, 'post').mockImplementationOnce(() => {
      throw new Error('broken behind the door');
    });
    const answer = await send(served.url, LIST);
    expect(answer).toMatchObject({ status: 500, json: { error: { code: -32603, message: 'Internal error' } } });
    expect(answer.text).not.toContain('broken');
    expect(await served.text('echo', { text: 'alive' })).toBe('alive');
    post.mockRestore();
  });

  it('[S11] [protocol H6] that is given up while its call runs is counted out', async () => {
    const status = served.host.app?.get(ServerStatus);
    const { headers, body } = toolCall('hold', { key: 'closed' });
    const socket = await connectTo(served.url);
    await write(socket, head({ ...headers, 'content-length': String(Buffer.byteLength(body)) }) + body);
    await served.text('await_moment', { key: 'closed', moment: 'begun' });
    expect(status?.connections).toBe(1);
    socket.destroy();
    await served.text('await_moment', { key: 'closed', moment: 'ended' });
    expect(status?.connections).toBe(0);
  });
});

const limit = 65_536;

/** A request of so many bytes. */
const padded = (length: number): string => LIST.body + ' '.repeat(length - LIST.body.length);

describe.each(HTTP_HOSTS)('a message that says it is too large, %s', (host) => {
  const served = new Served(host, { maxMessageSize: limit });

  it('[protocol H8] is one byte longer than one that is not, and refused with 413', async () => {
    expect(await send(served.url, { ...LIST, body: padded(limit) })).toMatchObject({ status: 200 });
    expect(await send(served.url, { ...LIST, body: padded(limit + 1) })).toMatchObject({ status: 413 });
  });
});

describe('a message that is too large', () => {
  const served = new Served('front on Fastify', { maxMessageSize: limit });

  it('[protocol H8] and says so is refused with 413 before any of it is sent', async () => {
    const { received } = await sendPieces(served.url, [head({ ...LIST.headers, 'content-length': '999999999' })]);
    expect(received).toMatch(/^HTTP\/1\.1 413 /);
    expect(received).toContain('server.maxMessageSize');
  });

  it('[protocol H8] and does not say so is refused with 413 as soon as it is', async () => {
    function* endless(): Generator<string> {
      yield head({ ...LIST.headers, 'transfer-encoding': 'chunked' });
      for (;;) yield `400\r\n${'x'.repeat(1024)}\r\n`;
    }
    const { received, sent } = await sendPieces(served.url, endless());
    expect(received).toMatch(/^HTTP\/1\.1 413 /);
    expect(sent).toBeLessThan(10 * limit);
  });

  it.each(['zstd', 'compress', 'gzip, gzip', 'gzip, br'])(
    'cannot hide in an encoding that is not served: %s is refused with 415',
    async (encoding) => {
      const response = await send(served.url, {
        headers: { ...LIST.headers, 'content-encoding': encoding },
        body: gzipSync(LIST.body),
      });
      expect(response).toMatchObject({ status: 415, headers: { 'accept-encoding': 'gzip, deflate, br' } });
    },
  );
});
