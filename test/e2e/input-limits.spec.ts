import { brotliCompressSync, constants, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { performance } from 'node:perf_hooks';
import type { Server } from 'node:http';
import { describe, expect, it } from 'vitest';
import { Telemetry } from '../../src/index.js';
import { McpOptions } from '../../src/mcp/index.js';
import { RookeryServer } from '../../src/tools/index.js';
import { legacyMessage, modernHeaders, modernMessage, toolCall } from './support/envelope.js';
import { openSession } from './support/http-messages.js';
import { connectTo, head, send, sendPieces, write, type RawResponse } from './support/raw-http.js';
import { Served } from './support/served.js';

const LIST = { headers: modernHeaders('tools/list'), body: JSON.stringify(modernMessage('tools/list')) };
const limit = 65_536;

const encoders = {
  gzip: gzipSync,
  'x-gzip': gzipSync,
  deflate: deflateSync,
  br: brotliCompressSync,
  GZip: gzipSync,
} as const;

/** How often a limit has refused. */
function refusedBy(served: Served, reason: string): number {
  const samples = served.host.app?.get(Telemetry).samples() ?? [];
  const found = samples.find(
    ({ name, labels }) => name === 'rookery_refused_requests_total' && labels['reason'] === reason,
  );
  return found?.value ?? 0;
}

describe.each(['front on Fastify', 'sdk, front on Fastify'] as const)('a compressed body, %s', (host) => {
  const served = new Served(host, { maxMessageSize: limit });
  const initialize = legacyMessage('initialize', {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'raw', version: '1' },
  });
  const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
  const post = (encoding: string, body: Buffer): Promise<RawResponse> =>
    send(served.url, { headers: { ...headers, 'content-encoding': encoding }, body });

  it.each(Object.entries(encoders))('[R7] is read: %s', async (encoding, encode) => {
    const response = await post(encoding, encode(JSON.stringify(initialize)));
    expect(response).toMatchObject({ status: 200 });
    expect(response.text).toContain('"protocolVersion":"2025-11-25"');
  });

  it.each(Object.entries(encoders))('[R7] is limited by what it becomes: %s', async (encoding, encode) => {
    const before = refusedBy(served, 'message_size');
    const text = JSON.stringify(initialize);
    expect(await post(encoding, encode(text.padEnd(limit)))).toMatchObject({ status: 200 });
    const refused = await post(encoding, encode(text.padEnd(limit + 1)));
    expect(refused).toMatchObject({ status: 413, headers: { connection: 'close' } });
    expect(refused.text).toContain('server.maxMessageSize');
    expect(refusedBy(served, 'message_size')).toBe(before + 1);
  });

  it.each([
    ['is no gzip', 'gzip', Buffer.from(JSON.stringify(initialize))],
    ['is cut off', 'gzip', gzipSync(JSON.stringify(initialize)).subarray(0, -12)],
    ['is deflate without its header', 'deflate', deflateRawSync(JSON.stringify(initialize))],
    ['is empty', 'br', Buffer.alloc(0)],
  ])('is refused with 400 where it %s', async (_what, encoding, body) => {
    expect(await post(encoding, body)).toMatchObject({ status: 400, json: { error: { code: -32700 } } });
  });

  it('is refused with 415 in an encoding that is not served, which is counted', async () => {
    const before = refusedBy(served, 'encoding');
    expect(await post('zstd', Buffer.from('x'))).toMatchObject({
      status: 415,
      headers: { 'accept-encoding': 'gzip, deflate, br' },
    });
    expect(refusedBy(served, 'encoding')).toBe(before + 1);
  });
});

describe('a bomb', () => {
  const served = new Served('front on Fastify', { maxMessageSize: 1024 * 1_048_576 });

  it('[R7] of 256 MiB in a kilobyte is refused by its ratio, and takes no memory', async () => {
    const bomb = brotliCompressSync(Buffer.alloc(256 * 1_048_576, ' '), {
      params: { [constants.BROTLI_PARAM_QUALITY]: 5 },
    });
    expect(bomb.length).toBeLessThan(4_096);
    const before = process.memoryUsage.rss();
    const response = await send(served.url, { headers: { ...LIST.headers, 'content-encoding': 'br' }, body: bomb });
    expect(response).toMatchObject({ status: 413 });
    expect(refusedBy(served, 'decompression')).toBe(1);
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 1_048_576);
  });

  it('of gzip is none below a megabyte: equal numbers compress well', async () => {
    const { headers, body } = toolCall('anything', { list: Array(100_000).fill(0) });
    const response = await send(served.url, {
      headers: { ...headers, 'content-encoding': 'br' },
      body: brotliCompressSync(body),
    });
    expect(response).toMatchObject({ status: 200 });
  });
});

describe.each(['front on Fastify', 'route on Express', 'sdk, front on Fastify'] as const)(
  'a message of many values, %s',
  (host) => {
    const served = new Served(host, { maxMessageNodes: 10_000 });
    const call = async (args: object): Promise<RawResponse> => {
      const { headers, body } = toolCall('anything', args);
      if (!host.startsWith('sdk')) return send(served.url, { headers, body });
      const session = await openSession(served.url);
      const params = { name: 'anything', arguments: args };
      return send(served.url, {
        headers: {
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          'mcp-session-id': session,
        },
        body: JSON.stringify(legacyMessage('tools/call', params)),
      });
    };

    it.each([
      ['numbers', Array.from({ length: 10_000 }, () => 1)],
      ['lists', Array.from({ length: 10_000 }, () => [])],
      ['properties', Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`p${index}`, 0]))],
    ])('[R7] is refused before it is looked at: %s', async (_what, list) => {
      const before = refusedBy(served, 'message_nodes');
      const response = await call({ list });
      expect(response).toMatchObject({ status: 413 });
      expect(response.text).toContain('server.maxMessageNodes');
      expect(refusedBy(served, 'message_nodes')).toBe(before + 1);
    });

    it('is served below the limit, whatever stands in its texts', async () => {
      const text = '[,{:\\"[,{:\\\\",'.repeat(5_000);
      expect(await call({ list: Array(9_000).fill(1), text })).toMatchObject({ status: 200 });
    });
  },
);

describe('a message that is too deep', () => {
  const served = new Served('front on Fastify');

  it('[R7] is refused, which is counted', async () => {
    const args = { list: JSON.parse(`${'['.repeat(600)}${']'.repeat(600)}`) as unknown };
    expect(await send(served.url, toolCall('anything', args))).toMatchObject({ status: 400 });
    expect(refusedBy(served, 'message_depth')).toBe(1);
  });
});

describe('the largest message that is let in', () => {
  const served = new Served('front on Fastify');

  it('[R7] holds the process up for less than 250 ms, and 100,000 numbers are fine', async () => {
    const { headers, body } = toolCall('anything', { list: Array.from({ length: 100_000 }, (_, index) => index / 3) });
    expect(await send(served.url, { headers, body })).toMatchObject({ status: 200 });
    // 4 MiB of a list of lists: reading it alone would take longer.
    const lists = toolCall('anything', { list: '@' });
    const hostile = lists.body.replace('"@"', `[${'[],'.repeat(1_300_000)}[]]`);
    await send(served.url, { headers, body: hostile });
    const times: number[] = [];
    for (let attempt = 0; attempt < 3; attempt++) {
      const before = performance.eventLoopUtilization();
      expect(await send(served.url, { headers: lists.headers, body: hostile })).toMatchObject({ status: 413 });
      times.push(performance.eventLoopUtilization(before).active);
    }
    // Time in which another process had the processor counts as well.
    expect(Math.min(...times)).toBeLessThan(250);
  });
});

describe.each(['front on Fastify', 'sdk, front on Fastify'] as const)('a result that is too large, %s', (host) => {
  const served = new Served(host, { maxResultSize: 4_096 });
  const session = (): Promise<string> => openSession(served.url);
  const ask = async (method: string, params: object): Promise<RawResponse> => {
    const headers = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
    const body = JSON.stringify(legacyMessage(method, params));
    return send(served.url, { headers: { ...headers, 'mcp-session-id': await session() }, body });
  };

  it('[R7] of a tool is an error that says how large it was and what to do', async () => {
    // Two bytes each.
    expect((await ask('tools/call', { name: 'long_text', arguments: { length: 2_000 } })).text).not.toContain(
      'isError',
    );
    const { text, status } = await ask('tools/call', { name: 'long_text', arguments: { length: 2_100 } });
    expect(status).toBe(200);
    expect(text).toContain('"isError":true');
    expect(text).toContain('server.maxResultSize');
    expect(text).toMatch(/The result is 42\d\d bytes; at most 4096/);
    expect(text).toContain('"rookery/code":"tool_error"');
    expect(refusedBy(served, 'result_size')).toBe(1);
  });

  it('[R7] of a resource or a prompt is an error of the request', async () => {
    const server = served.host.app?.get(RookeryServer);
    await server?.registerResource({ uri: 'big://text', name: 'big', description: 'Long.' }, () => 'x'.repeat(5_000));
    await server?.registerPrompt({ name: 'big', description: 'Long.' }, () => 'x'.repeat(5_000));
    for (const [method, params] of [
      ['resources/read', { uri: 'big://text' }],
      ['prompts/get', { name: 'big' }],
    ] as const) {
      const { text } = await ask(method, params);
      expect(text).toContain('"code":422');
      expect(text).toContain('server.maxResultSize');
    }
  });

  it('of a tool that is longer than any text can be says so', async () => {
    const server = served.host.app?.get(RookeryServer);
    await server?.registerTool({ name: 'endless', description: 'Long.' }, () => {
      throw new RangeError('Invalid string length');
    });
    // Thrown by the tool itself it is the tool's own fault.
    expect((await ask('tools/call', { name: 'endless' })).text).toContain('Internal error');
    await server?.registerTool({ name: 'boundless', description: 'Long.' }, () => ({
      toJSON: () => {
        throw new RangeError('Invalid string length');
      },
    }));
    const before = refusedBy(served, 'result_size');
    expect((await ask('tools/call', { name: 'boundless' })).text).toContain('Ask for less');
    expect(refusedBy(served, 'result_size')).toBe(before + 1);
  });
});

describe('a client that takes its time to send', () => {
  const times = { headersTimeoutMs: 300, requestTimeoutMs: 600, idleMs: 200 };
  const served = new Served('front on Fastify', { connections: { ...times, max: 3 } });

  it('[R7] is bounded by the keys of server.connections, which the HTTP server gets', () => {
    const { app } = served.host;
    const server = app?.getHttpServer() as Server;
    expect(app?.get(McpOptions).connections).toEqual({ ...times, max: 3 });
    expect(server).toMatchObject({
      headersTimeout: 300,
      requestTimeout: 600,
      keepAliveTimeout: 200,
      maxConnections: 3,
    });
  });

  it('[R7] with its connections: further ones are closed, and counted', async () => {
    const open = [await connectTo(served.url), await connectTo(served.url), await connectTo(served.url)];
    const { received } = await sendPieces(served.url, [head({ ...LIST.headers, 'content-length': '0' })]);
    expect(received).toBe('');
    expect(refusedBy(served, 'connections')).toBe(1);
    for (const socket of open) {
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.destroy();
      await closed;
    }
  });

  it('[R7] has a connection that waits for its next request closed', async () => {
    const socket = await connectTo(served.url);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.resume();
    const length = String(Buffer.byteLength(LIST.body));
    await write(socket, head({ ...LIST.headers, 'content-length': length }) + LIST.body);
    await closed;
    expect(socket.bytesRead).toBeGreaterThan(100);
  });

  it('with headers or an address longer than 16 KiB is answered with 431', async () => {
    for (const [url, headers] of [
      [`${served.url}?${'x'.repeat(17_000)}`, LIST.headers],
      [served.url, { ...LIST.headers, 'x-long': 'x'.repeat(17_000) }],
    ] as const) {
      expect(await send(url, { ...LIST, headers })).toMatchObject({ status: 431 });
    }
    expect(refusedBy(served, 'header_size')).toBe(2);
  });
});
