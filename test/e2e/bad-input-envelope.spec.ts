import { describe, expect, it } from 'vitest';
import { ENVELOPE, LEGACY_HEADERS, legacyMessage, modernHeaders, modernMessage } from './support/envelope.js';
import { HTTP_HOSTS } from './support/hosts.js';
import { send, type RawResponse } from './support/raw-http.js';
import { Served } from './support/served.js';

const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion';
const CAPABILITIES_KEY = 'io.modelcontextprotocol/clientCapabilities';

describe.each(HTTP_HOSTS)('a request of 2026-07-28 whose envelope is wrong, %s', (host) => {
  const served = new Served(host);

  /** A `tools/call` of `echo`, altered. */
  function call(headers: Readonly<Record<string, string | undefined>>, meta: object = ENVELOPE): Promise<RawResponse> {
    const all = Object.entries({ ...modernHeaders('tools/call', 'echo'), ...headers });
    const params = { name: 'echo', arguments: { text: 'hi' }, _meta: meta };
    return send(served.url, {
      headers: Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== undefined)),
      body: JSON.stringify({ jsonrpc: '2.0', id: 'e', method: 'tools/call', params }),
    });
  }

  it('[protocol H3] is answered when nothing is wrong with it', async () => {
    expect(await call({})).toMatchObject({ status: 200, json: { id: 'e', result: { resultType: 'complete' } } });
  });

  it.each(['2099-01-01', '1.0', 'v999.0.0'])(
    '[protocol B7] names the version %s: -32022 with what is supported',
    async (version) => {
      const { status, json } = await call({ 'mcp-protocol-version': version }, { ...ENVELOPE, [VERSION_KEY]: version });
      expect(status).toBe(400);
      expect(json).toMatchObject({
        id: 'e',
        error: { code: -32022, data: { supported: expect.arrayContaining(['2026-07-28']), requested: version } },
      });
    },
  );

  it.each(['mcp-protocol-version', 'mcp-method', 'mcp-name'])(
    '[protocol B9, protocol H3] lacks the header %s: -32020',
    async (name) => {
      const { status, json } = await call({ [name]: undefined });
      expect({ status, id: json.id, code: json.error?.code }).toEqual({ status: 400, id: 'e', code: -32020 });
    },
  );

  it.each([
    ['mcp-protocol-version', '2025-11-25'],
    ['mcp-method', 'tools/list'],
    ['mcp-method', 'TOOLS/CALL'],
    ['mcp-name', 'Echo'],
    ['mcp-name', 'count'],
    ['mcp-name', '=?base64?Y291bnQ=?='],
    ['mcp-name', '=?base64?ZWNobw?='],
    ['mcp-name', '=?base64?ZWN*bw==?='],
    ['mcp-name', '=?BASE64?ZWNobw==?='],
    ['mcp-name', '=?base64??='],
    ['mcp-name', 'ZWNobw=='],
  ])('[protocol B9, protocol H3] has another value in %s: %s is -32020', async (name, value) => {
    const { status, json } = await call({ [name]: value });
    expect({ status, id: json.id, code: json.error?.code }).toEqual({ status: 400, id: 'e', code: -32020 });
  });

  it.each([
    ['mcp-name', '=?base64?ZWNobw==?='],
    ['mcp-name', '  echo\t'],
    ['MCP-NAME', 'echo'],
  ])('[protocol H3] says the same in another form: %s %j is accepted', async (name, value) => {
    expect(await call({ 'mcp-name': undefined, [name]: value })).toMatchObject({ status: 200 });
  });

  it('[protocol H3] repeats the URI of a resource in Base64 when it is no ASCII', async () => {
    const uri = 'city://ch/Zürich';
    const body = JSON.stringify(modernMessage('resources/read', { uri }));
    const encoded = `=?base64?${Buffer.from(uri).toString('base64')}?=`;
    const read = (name: string) => send(served.url, { headers: modernHeaders('resources/read', name), body });
    expect(await read(encoded)).toMatchObject({ status: 200 });
    expect(await read(encodeURI(uri))).toMatchObject({ status: 400, json: { error: { code: -32020 } } });
  });

  it.each([
    ['everything', undefined],
    ['its version', { [CAPABILITIES_KEY]: {} }],
    ['its capabilities', { [VERSION_KEY]: '2026-07-28' }],
  ])('[protocol B3] lacks %s in _meta: -32602', async (_what, meta) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 'e', method: 'tools/list', params: { _meta: meta } });
    const { status, json } = await send(served.url, { headers: modernHeaders('tools/list'), body });
    expect({ status, id: json.id, code: json.error?.code }).toEqual({ status: 400, id: 'e', code: -32602 });
  });

  it.each([[null], ['none'], [[]], [7]])('[protocol B3] has capabilities that are %j: -32602', async (capabilities) => {
    const { status, json } = await call({}, { ...ENVELOPE, [CAPABILITIES_KEY]: capabilities });
    expect({ status, code: json.error?.code }).toEqual({ status: 400, code: -32602 });
  });

  it('[protocol B3] does not say which client it is, and need not', async () => {
    expect(await call({}, { ...ENVELOPE })).toMatchObject({ status: 200 });
  });

  it.each([
    'initialize',
    'ping',
    'logging/setLevel',
    'resources/subscribe',
    'resources/unsubscribe',
    'tools/unknown',
    'TOOLS/LIST',
    '__proto__',
    'constructor',
    '',
  ])('[protocol B10] asks for %j, which the revision does not have: 404 and -32601', async (method) => {
    const body = JSON.stringify(modernMessage(method, {}, 'e'));
    const { status, json } = await send(served.url, { headers: modernHeaders(method), body });
    expect({ status, id: json.id, code: json.error?.code }).toEqual({ status: 404, id: 'e', code: -32601 });
  });

  it('[protocol B1, protocol H7] is a notification: 202 and nothing more', async () => {
    const method = 'notifications/cancelled';
    const message = { jsonrpc: '2.0', method, params: { requestId: 1, _meta: ENVELOPE } };
    const response = await send(served.url, { headers: modernHeaders(method), body: JSON.stringify(message) });
    expect(response).toMatchObject({ status: 202, text: '' });
  });

  it('[protocol B1] comes in a batch: 400 and -32600', async () => {
    const body = JSON.stringify([modernMessage('tools/list'), modernMessage('tools/list', {}, 2)]);
    const { status, json } = await send(served.url, { headers: modernHeaders('tools/list'), body });
    expect({ status, code: json.error?.code }).toEqual({ status: 400, code: -32600 });
  });
});

describe('a request of the 2025 era whose headers are wrong', () => {
  const served = new Served('front on Fastify');
  const initialize = JSON.stringify(
    legacyMessage('initialize', {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'raw', version: '0' },
    }),
  );

  it.each(['application/json', 'text/event-stream', 'text/html'])(
    '[protocol L8] accepts %s alone: 406',
    async (accept) => {
      const { status } = await send(served.url, { headers: { ...LEGACY_HEADERS, accept }, body: initialize });
      expect(status).toBe(406);
    },
  );

  it('[protocol L7] names a version that is not served: 400 with what is', async () => {
    const body = JSON.stringify(legacyMessage('tools/list'));
    const headers = { ...LEGACY_HEADERS, 'mcp-protocol-version': '2023-01-01' };
    const { status, json } = await send(served.url, { headers, body });
    expect(status).toBe(400);
    expect(json.error?.message).toContain('2025-11-25');
  });

  it.each(['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'])(
    '[protocol L1] asks for %s and gets it',
    async (protocolVersion) => {
      const body = initialize.replace('2025-11-25', protocolVersion);
      const { 'mcp-protocol-version': _, ...headers } = LEGACY_HEADERS;
      const { json } = await send(served.url, { headers, body });
      expect(json.result).toMatchObject({ protocolVersion });
    },
  );

  it('[protocol L1] asks for a version that is not served and is offered the newest', async () => {
    const body = initialize.replace('2025-11-25', '2030-01-01');
    const { 'mcp-protocol-version': _, ...headers } = LEGACY_HEADERS;
    const { json } = await send(served.url, { headers, body });
    expect(json.result).toMatchObject({ protocolVersion: '2025-11-25' });
  });
});
