import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { RookeryServer } from '../../src/index.js';
import { ENVELOPE, modernHeaders, toolCall } from './support/envelope.js';
import { HTTP_HOSTS } from './support/hosts.js';
import { connectTo, head, send, write } from './support/raw-http.js';
import { Served } from './support/served.js';

/** A call that asks for progress, and is released before it is made. */
async function countWithProgress(served: Served, accept: string): ReturnType<typeof send> {
  const params = { name: 'count', arguments: { to: 3, key: 'any' }, _meta: { ...ENVELOPE, progressToken: 'p' } };
  await served.text('release', { key: 'any' });
  return send(served.url, {
    headers: { ...modernHeaders('tools/call', 'count'), accept },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
  });
}

describe.each(HTTP_HOSTS)('an answer over HTTP, %s', (host) => {
  const served = new Served(host);

  it('[protocol H5] is one JSON body when nothing is emitted', async () => {
    const { status, headers, json } = await send(served.url, toolCall('echo', { text: 'hi' }));
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('application/json');
    expect(json).toMatchObject({ jsonrpc: '2.0', id: 1, result: { content: [{ text: 'hi' }] } });
  });

  it('[protocol H5] is an event stream from the first notification on, ended by the answer', async () => {
    const { headers, text } = await countWithProgress(served, 'application/json, text/event-stream');
    expect(headers).toMatchObject({ 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' });
    expect(headers['cache-control']).toContain('no-cache');
    const messages = [...text.matchAll(/^data: (.*)$/gm)].map(([, data = '']) => JSON.parse(data) as object);
    expect(messages).toHaveLength(4);
    for (const progress of messages.slice(0, 3)) {
      expect(progress).toMatchObject({ method: 'notifications/progress', params: { progressToken: 'p', total: 3 } });
    }
    expect(messages[3]).toMatchObject({ id: 1, result: { content: [{ text: 'counted to 3' }] } });
  });

  it('[protocol H5] is one JSON body for a client that takes no event stream', async () => {
    const { headers, json } = await countWithProgress(served, 'application/json');
    expect(headers['content-type']).toBe('application/json');
    expect(json.result).toMatchObject({ content: [{ text: 'counted to 3' }] });
  });

  it('is found by the path with a query behind it', async () => {
    const response = await send(`${served.url}?from=browser`, toolCall('echo', { text: 'hi' }));
    expect(response).toMatchObject({ status: 200 });
  });

  it.each(['/mcpx', '/mcp/more', '/MC', '/%6dcp/..'])('is not found at %s', async (path) => {
    expect(await send(new URL(path, served.url).href, toolCall('echo'))).toMatchObject({ status: 404 });
  });

  it('[S8] knows a tool from when it is registered until it is removed', async () => {
    const server = served.host.app?.get(RookeryServer);
    await server?.registerTool({ name: 'late', description: 'Comes late.' }, () => 'here');
    expect(await served.text('late')).toBe('here');
    await server?.replaceTool({ name: 'late', description: 'Comes later.' }, () => 'still here');
    expect(await served.text('late')).toBe('still here');
    expect(server?.removeTool('late')).toBe(true);
    expect(await send(served.url, toolCall('late'))).toMatchObject({ json: { error: { code: -32602 } } });
  });
});

describe('a connection that is kept', () => {
  const served = new Served('front on Fastify', { keepAliveMs: 1000 });

  it('takes one request after another, also when they are sent at once', async () => {
    const socket = await connectTo(served.url);
    const { headers, body } = toolCall('echo', { text: 'again' });
    const request = head({ ...headers, 'content-length': String(Buffer.byteLength(body)) }) + body;
    socket.setEncoding('utf8');
    let received = '';
    const both = new Promise<void>((resolve) => {
      socket.on('data', (text: string) => {
        received += text;
        if (received.match(/"text":"again"/g)?.length === 2) resolve();
      });
    });
    await write(socket, request + request);
    await both;
    expect(received.match(/HTTP\/1\.1 200 /g)).toHaveLength(2);
    socket.destroy();
  });

  it('[protocol H5] shows a comment while an event stream is quiet', async () => {
    const socket = await connectTo(served.url);
    const params = { name: 'count', arguments: { to: 1, key: 'quiet' }, _meta: { ...ENVELOPE, progressToken: 1 } };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params });
    socket.setEncoding('utf8');
    let received = '';
    socket.on('data', (text: string) => (received += text));
    await write(
      socket,
      head({ ...modernHeaders('tools/call', 'count'), 'content-length': String(Buffer.byteLength(body)) }) + body,
    );
    while (!received.includes('\n: ')) await once(socket, 'data');
    await served.text('release', { key: 'quiet' });
    while (!received.includes('counted to 1')) await once(socket, 'data');
    expect(received).toMatch(/^HTTP\/1\.1 200 .*text\/event-stream.*^: keep-alive$.*counted to 1/ms);
    socket.destroy();
  });
});
