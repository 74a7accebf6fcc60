import { describe, expect, it } from 'vitest';
import { modernHeaders, modernMessage, toolCall } from './support/envelope.js';
import { HTTP_HOSTS } from './support/hosts.js';
import { send } from './support/raw-http.js';
import { Served } from './support/served.js';

const LIST = { headers: modernHeaders('tools/list'), body: JSON.stringify(modernMessage('tools/list')) };
const listWith = (headers: Readonly<Record<string, string>>) => ({ ...LIST, headers: { ...LIST.headers, ...headers } });

describe.each(HTTP_HOSTS)('bad input over HTTP, %s', (host) => {
  const served = new Served(host);

  it.each([
    ['no JSON', '{"jsonrpc": "2.0",'],
    ['half a message', LIST.body.slice(0, -1)],
    ['two messages', LIST.body + LIST.body],
    ['a form', 'a=1&b=2'],
  ])('[protocol H8] that is %s is refused with 400', async (_what, body) => {
    const { status, json } = await send(served.url, { ...LIST, body });
    expect(status).toBe(400);
    // As a route the endpoint stands behind the framework's own parser, which answers in its own words.
    if (host === 'front on Fastify') expect(json).toMatchObject({ id: null, error: { code: -32700 } });
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', 'text/html; charset=utf-8'])(
    '[protocol H8] of type %s is refused with 415',
    async (type) => {
      expect(await send(served.url, listWith({ 'content-type': type }))).toMatchObject({ status: 415 });
    },
  );

  it('[protocol H8] without a type is refused with 415', async () => {
    const { 'content-type': _, ...headers } = LIST.headers;
    expect(await send(served.url, { ...LIST, headers })).toMatchObject({ status: 415 });
  });

  it.each(['Application/JSON', 'application/json; charset=utf-8', 'application/json;charset=UTF-8'])(
    'is not what type %s means',
    async (type) => {
      expect(await send(served.url, listWith({ 'content-type': type }))).toMatchObject({ status: 200 });
    },
  );

  it.each(['evil.example.com', '127.0.0.1.evil.example.com', 'localhost.evil.example.com:3000', '10.0.0.1'])(
    '[protocol H2] for the host %j is refused with 403',
    async (name) => {
      const { status, json } = await send(served.url, listWith({ host: name }));
      expect(status).toBe(403);
      expect(json.error?.message).toContain('Host');
    },
  );

  it.each(['http://evil.example.com', 'https://localhost.evil.example.com', 'null', 'file://', 'http://'])(
    '[protocol H2] from the origin %s is refused with 403',
    async (origin) => {
      const { status, json } = await send(served.url, listWith({ origin }));
      expect(status).toBe(403);
      expect(json.error?.message).toContain('Origin');
    },
  );

  it.each([
    { host: 'localhost:1234' },
    { host: '[::1]' },
    { origin: 'http://localhost:5173' },
    { origin: 'http://127.0.0.1' },
  ])('[protocol H2] is not what %o means', async (headers) => {
    expect(await send(served.url, listWith(headers))).toMatchObject({ status: 200 });
  });

  it.each(['PUT', 'PATCH', 'OPTIONS'])(
    '[protocol H1] by %s is refused with 405 and what is allowed',
    async (method) => {
      const { status, headers } = await send(served.url, { method });
      expect(status).toBe(405);
      expect(headers.allow).toContain('POST');
    },
  );

  it.each(['GET', 'DELETE'])('[protocol H1] by %s belongs to no session and is refused', async (method) => {
    const headers = { accept: 'text/event-stream', 'mcp-session-id': 'made-up', 'last-event-id': '1' };
    const { status, json } = await send(served.url, { method, headers });
    expect([404, 405]).toContain(status);
    expect(json.error?.code).toBeLessThan(0);
  });

  it('to an unknown tool is -32602 in either case of its name', async () => {
    for (const name of ['no_such_tool', 'ECHO', '', '__proto__', 'constructor', 'toString']) {
      const { status, json } = await send(served.url, toolCall(name));
      expect({ name, status, code: json.error?.code }).toEqual({ name, status: 200, code: -32602 });
    }
  });

  it('[S9] with a bad cursor is -32602', async () => {
    for (const cursor of ['made-up', '', 7, null, {}, 'x'.repeat(5000), 'Li4v.AAAA', '..']) {
      const body = JSON.stringify(modernMessage('tools/list', { cursor }));
      const { json } = await send(served.url, { ...LIST, body });
      expect({ cursor, code: json.error?.code }).toEqual({ cursor, code: -32602 });
    }
  });

  it('[S4] that breaks a schema is isError, names every fault and does not reach the tool', async () => {
    const runs = await served.text('strict_runs');
    const { status, json } = await send(served.url, toolCall('strict', { days: 'many', tags: 'none', more: 1 }));
    expect(status).toBe(200);
    expect(json.result).toMatchObject({ isError: true, _meta: { 'rookery/code': 'invalid_arguments' } });
    const text = JSON.stringify(json.result);
    for (const fault of ['city', 'days', 'tags', 'more']) expect(text).toContain(fault);
    expect(await served.text('strict_runs')).toBe(runs);
  });

  it.each([[[]], ['text'], [7], [null]])('[S4] with arguments %j is -32602', async (args) => {
    const body = JSON.stringify(modernMessage('tools/call', { name: 'echo', arguments: args }));
    const { json } = await send(served.url, { headers: modernHeaders('tools/call', 'echo'), body });
    expect(json.error).toMatchObject({ code: -32602 });
  });
});
