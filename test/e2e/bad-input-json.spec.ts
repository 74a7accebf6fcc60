import { describe, expect, it } from 'vitest';
import { SECRET } from './support/content.tools.js';
import { ENVELOPE, modernHeaders, modernMessage, toolCall } from './support/envelope.js';
import { send, type RawResponse } from './support/raw-http.js';
import { Served } from './support/served.js';

/** Where the JSON that `JSON.stringify` cannot write is put. */
const PLACE = '"@"';
const LEVELS = 100_000;
const deepList = '['.repeat(LEVELS) + ']'.repeat(LEVELS);
const deepObject = `${'{"a":'.repeat(LEVELS)}1${'}'.repeat(LEVELS)}`;

const { 'mcp-protocol-version': _version, 'mcp-method': _method, ...headersOf2025 } = modernHeaders('initialize');

/** A request with more in its envelope. */
function envelope(more: object): object {
  return { jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta: { ...ENVELOPE, ...more } } };
}

describe('JSON that is odd', () => {
  const served = new Served('front on Fastify');
  const list = (message: object): Promise<RawResponse> =>
    send(served.url, { headers: modernHeaders('tools/list'), body: JSON.stringify(message) });

  it.each([null, 1.5, 1e300, 2 ** 60, true, {}, []])('[protocol B1] has the id %j: -32600', async (id) => {
    const { status, json } = await list({ ...modernMessage('tools/list'), id });
    expect({ status, code: json.error?.code }).toEqual({ status: 400, code: -32600 });
  });

  it.each([0, -1, Number.MAX_SAFE_INTEGER, '', '7', 'ünï', '\u0000', 'x'.repeat(10_000)])(
    '[protocol B1] has an id that comes back: %j',
    async (id) => {
      const { status, json } = await list(modernMessage('tools/list', {}, id));
      expect({ status, id: json.id }).toEqual({ status: 200, id });
    },
  );

  it.each([
    ['null'],
    ['7'],
    ['"text"'],
    ['{}'],
    ['[]'],
    ['{"jsonrpc":"1.0","id":1,"method":"tools/list"}'],
    ['{"id":1,"method":"tools/list"}'],
    ['{"jsonrpc":"2.0","id":1,"method":7}'],
    ['{"jsonrpc":"2.0","id":1,"method":"tools/list","params":[]}'],
    ['{"jsonrpc":"2.0","id":1,"method":"tools/list","params":"all"}'],
  ])('[protocol B1] is no request: %s is -32600', async (body) => {
    const { status, json } = await send(served.url, { headers: modernHeaders('tools/list'), body });
    expect({ status, code: json.error?.code }).toEqual({ status: 400, code: -32600 });
  });

  it('[protocol B1] is no UTF-8: -32700', async () => {
    const { headers, body } = toolCall('echo', { text: '@' });
    const [before = '', after = ''] = body.split('@');
    for (const bytes of [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0x80]]) {
      const broken = Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]);
      const { status, json } = await send(served.url, { headers, body: broken });
      expect({ bytes, status, code: json.error?.code }).toEqual({ bytes, status: 400, code: -32700 });
    }
  });

  it('begins with a byte order mark: -32700', async () => {
    const body = `\ufeff${JSON.stringify(modernMessage('tools/list'))}`;
    const { json } = await send(served.url, { headers: modernHeaders('tools/list'), body });
    expect(json.error?.code).toBe(-32700);
  });

  it.each([
    ['an argument', modernMessage('tools/call', { name: 'echo', arguments: { text: '@' } }), deepList],
    ['an open argument', modernMessage('tools/call', { name: 'anything', arguments: { open: '@' } }), deepList],
    ['an open argument', modernMessage('tools/call', { name: 'anything', arguments: { open: '@' } }), deepObject],
    ['an argument that nobody knows', modernMessage('tools/call', { name: 'echo', arguments: { x: '@' } }), deepObject],
    ['the arguments of a prompt', modernMessage('prompts/get', { name: 'greet', arguments: { who: '@' } }), deepList],
    ['a cursor', modernMessage('tools/list', { cursor: '@' }), deepList],
    ['a reference', modernMessage('completion/complete', { ref: '@', argument: {} }), deepObject],
    ['the id', { ...modernMessage('tools/list'), id: '@' }, deepList],
    ['the method', { ...modernMessage('tools/list'), method: '@' }, deepList],
    ['the envelope', envelope({ x: '@' }), deepObject],
    ['the capabilities', envelope({ 'io.modelcontextprotocol/clientCapabilities': { experimental: '@' } }), deepObject],
    ['the client', envelope({ 'io.modelcontextprotocol/clientInfo': { name: 'x', version: '@' } }), deepList],
    [
      'the capabilities of 2025',
      { jsonrpc: '2.0', id: 1, method: 'initialize', params: { capabilities: '@' } },
      deepObject,
    ],
    ['a member that nobody knows', { ...modernMessage('tools/list'), x: '@' }, deepObject],
    ['a batch', ['@'], deepList],
  ])('[S7] is a hundred thousand levels deep in %s, and is answered', async (_where, message, deep) => {
    const text = JSON.stringify(message);
    const { method, params } = JSON.parse(text) as { method?: string; params?: { name?: string } };
    const { status, text: answer } = await send(served.url, {
      headers: method === 'initialize' ? headersOf2025 : modernHeaders(method ?? 'tools/list', params?.name),
      body: text.replace(PLACE, deep),
    });
    expect([200, 400, 404]).toContain(status);
    expect(answer).not.toMatch(/RangeError|call stack|\bat /);
    expect(await served.text('echo', { text: 'alive' })).toBe('alive');
  });

  it.each(['__proto__', 'constructor', 'prototype'])('has an argument called %s, which does no harm', async (name) => {
    for (const tool of ['echo', 'anything', 'strict']) {
      const { headers, body } = toolCall(tool, { text: 'hi', city: 'Bern', x: '@' });
      const hostile = body.replace('"x":"@"', `"${name}":{"polluted":true,"prototype":{"polluted":true}}`);
      expect((await send(served.url, { headers, body: hostile })).status).toBe(200);
    }
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
    expect(await served.text('echo', { text: 'alive' })).toBe('alive');
  });

  it('has a member twice: the last one counts, for headers as for the tool', async () => {
    const { headers, body } = toolCall('echo', { text: 'one' });
    const twice = (name: string) => body.replace('"params":{', `"params":{"name":"${name}",`);
    expect((await send(served.url, { headers, body: twice('break') })).status).toBe(200);
    const last = body.replace(/"name":"echo",/, '').replace('"_meta"', '"name":"echo","name":"break","_meta"');
    expect(await send(served.url, { headers, body: last })).toMatchObject({
      status: 400,
      json: { error: { code: -32020 } },
    });
  });

  it('[S7] makes a tool throw, and neither secret nor stack is sent', async () => {
    for (const tool of ['break', 'lie']) {
      const { status, text, headers } = await send(served.url, toolCall(tool));
      expect(status).toBe(200);
      const all = text + JSON.stringify(headers);
      expect(all).not.toContain(SECRET);
      expect(all).not.toMatch(/postgres|node_modules|\.[jt]s:\d|\bat .*\(/);
    }
  });
});
