import { once } from 'node:events';
import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ChangeBus, ServerStatus, Telemetry, type Call } from '../../src/index.js';
import { StdioTransport } from '../../src/mcp/index.js';
import { RookeryServer } from '../../src/tools/index.js';
import { LEGACY_HEADERS, legacyMessage, modernHeaders, modernMessage } from './support/envelope.js';
import { FixtureModule } from './support/fixture.module.js';
import { listenLocally } from './support/hosts.js';
import { openSession } from './support/http-messages.js';
import { connectTo, head, sendPieces, write } from './support/raw-http.js';
import { Served } from './support/served.js';

const MIB = 1_048_576;
const unsent = { maxSize: 65_536, stallMs: 400 };
/** What a system keeps of a connection that nobody reads; beyond it the process has to. */
const KERNEL = 16 * MIB;

/** What the process holds once its garbage is collected. */
function held(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/**
 * The process comes to hold less than so much beyond what it did before: buffers are freed a little later than their
 * connection is counted as gone. What waits for a client that does not read would not go away meanwhile.
 */
async function expectHeldBelow(before: number, bytes: number): Promise<void> {
  await vi.waitFor(() => expect(held() - before).toBeLessThan(bytes), { timeout: 10_000, interval: 100 });
}

/** Counts by the limits, on the server of a group. */
class Counts {
  constructor(private readonly served: Served) {}

  of(name: string, reason?: string): number {
    const samples = this.served.host.app?.get(Telemetry).samples() ?? [];
    return samples.find((sample) => sample.name === name && sample.labels['reason'] === reason)?.value ?? 0;
  }

  get letGo(): number {
    return this.of('rookery_refused_requests_total', 'slow_client');
  }

  get dropped(): number {
    return this.of('rookery_dropped_notifications_total');
  }
}

/** A connection that has asked something and reads nothing until it is told to. */
async function askWithoutReading(
  url: string,
  headers: Readonly<Record<string, string>>,
  message: object,
): Promise<Socket> {
  const socket = await connectTo(url);
  socket.pause();
  const body = JSON.stringify(message);
  await write(socket, head({ ...headers, 'content-length': String(Buffer.byteLength(body)) }) + body);
  return socket;
}

/** Everything that a connection receives from here until its end. */
async function rest(socket: Socket): Promise<string> {
  let text = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  socket.on('error', () => undefined);
  socket.resume();
  await once(socket, 'close');
  return text;
}

/** Tools that send far more than a client takes. */
class Floods {
  ended = '';
  aborted = 0;

  async register(server: RookeryServer): Promise<void> {
    const flood = async (_input: unknown, call: Call): Promise<string> => {
      const text = 'x'.repeat(65_536);
      for (let step = 1; step <= 2_000 && !call.signal.aborted; step++) {
        call.progress(step, 2_000, text);
        if (step % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      this.ended = call.signal.aborted ? 'aborted' : 'done';
      return 'the answer';
    };
    await server.registerTool({ name: 'flood', description: 'Reports 128 MiB of progress.' }, flood);
    await server.registerTool({ name: 'drown', description: 'Reports, then waits.' }, async (_input, call: Call) => {
      await flood(_input, call);
      await new Promise((resolve) => {
        if (call.signal.aborted) resolve(undefined);
        call.signal.addEventListener('abort', resolve, { once: true });
      });
      this.aborted++;
    });
    await server.registerTool({ name: 'large', description: 'Answers 20 MiB.' }, () => 'x'.repeat(20 * MIB));
  }
}

/** A server with these tools, where this much may be unsent for so long, for the tests of a group. */
function flooded(limits: typeof unsent): { served: Served; counts: Counts; floods: Floods } {
  const served = new Served('front on Fastify', { unsent: limits });
  const floods = new Floods();
  beforeAll(() => floods.register(served.host.app?.get(RookeryServer) as RookeryServer));
  return { served, counts: new Counts(served), floods };
}

/** A call that asks for reports on its progress. */
function withToken(name: string): object {
  const message = modernMessage('tools/call', { name }) as { params: { _meta: object } };
  return { ...message, params: { ...message.params, _meta: { ...message.params._meta, progressToken: 'p' } } };
}

describe('a client that does not read', () => {
  const { served, counts, floods } = flooded({ ...unsent, stallMs: 60_000 });

  it('[R7] holds no more than its share of memory, goes without progress, and gets its answer', async () => {
    const before = held();
    const socket = await askWithoutReading(served.url, modernHeaders('tools/call', 'flood'), withToken('flood'));
    await vi.waitFor(() => expect(floods.ended).toBe('done'), { timeout: 20_000 });
    await expectHeldBelow(before, 4 * MIB);
    expect(counts.dropped).toBeGreaterThan(1_000);
    const text = await Promise.race([rest(socket), answered(socket)]);
    expect(text).toContain('the answer');
    socket.destroy();
    expect(counts.letGo).toBe(0);
  });

  it('[R7] of the 2025 era too', async () => {
    floods.ended = '';
    const session = await openSession(served.url);
    const before = held();
    const message = legacyMessage('tools/call', { name: 'flood', _meta: { progressToken: 'p' } });
    const headers = { ...LEGACY_HEADERS, 'mcp-session-id': session };
    const socket = await askWithoutReading(served.url, headers, message);
    await vi.waitFor(() => expect(floods.ended).toBe('done'), { timeout: 20_000 });
    // The log, from which it could resume, is part of it.
    await expectHeldBelow(before, 8 * MIB);
    const text = await Promise.race([rest(socket), answered(socket)]);
    expect(text).toContain('the answer');
    socket.destroy();
  });

  it('[R7] is let go when it listens for changes, so that it knows that it has missed some', async () => {
    const { app } = served.host;
    const changes = app?.get(ChangeBus);
    const message = modernMessage('subscriptions/listen', { notifications: { toolsListChanged: true } });
    const before = counts.letGo;
    const base = held();
    const socket = await askWithoutReading(served.url, modernHeaders('subscriptions/listen'), message);
    await vi.waitFor(() => expect(app?.get(ServerStatus).connections).toBe(1));
    await publishUntil(changes, () => counts.letGo > before);
    await expectHeldBelow(base, 4 * MIB);
    await rest(socket);
    expect(app?.get(ServerStatus).connections).toBe(0);
  });

  it('[R7] is let go on the stream of a session, and the session lives on', async () => {
    const { app } = served.host;
    const changes = app?.get(ChangeBus);
    const session = await openSession(served.url);
    const before = counts.letGo;
    const socket = await connectTo(served.url);
    socket.pause();
    const lines = head({ accept: 'text/event-stream', 'mcp-session-id': session }).replace('POST', 'GET');
    await write(socket, lines);
    await vi.waitFor(() => expect(app?.get(ServerStatus).connections).toBe(1));
    await publishUntil(changes, () => counts.letGo > before);
    await rest(socket);
    const ping = JSON.stringify(legacyMessage('ping'));
    const headers = { ...LEGACY_HEADERS, 'mcp-session-id': session };
    const again = await fetch(served.url, { method: 'POST', headers, body: ping });
    expect(again.status).toBe(200);
  });
});

describe('a client that takes nothing for server.unsent.stallMs', () => {
  const { served, counts, floods } = flooded(unsent);

  it('[R7] [S11] is let go, and its call cancelled', async () => {
    const socket = await askWithoutReading(served.url, modernHeaders('tools/call', 'drown'), withToken('drown'));
    await vi.waitFor(() => expect(floods.aborted).toBe(1), { timeout: 20_000 });
    expect(counts.letGo).toBe(1);
    await rest(socket);
  });

  it('[R7] is let go with the answer that it asked for, which is freed', async () => {
    const before = held();
    const letGo = counts.letGo;
    const large = modernMessage('tools/call', { name: 'large', arguments: {} });
    const sockets = await Promise.all(
      [1, 2, 3].map(() => askWithoutReading(served.url, modernHeaders('tools/call', 'large'), large)),
    );
    await vi.waitFor(() => expect(counts.letGo).toBe(letGo + 3), { timeout: 20_000 });
    await expectHeldBelow(before, KERNEL);
    await Promise.all(sockets.map(rest));
  });
});

describe('a client that takes a little now and then', () => {
  const { served, counts } = flooded({ ...unsent, stallMs: 1_200 });

  it('[R7] is not let go', async () => {
    const letGo = counts.letGo;
    const status = served.host.app?.get(ServerStatus) as ServerStatus;
    await vi.waitFor(() => expect(status.connections).toBe(0));
    const large = modernMessage('tools/call', { name: 'large', arguments: {} });
    const socket = await askWithoutReading(served.url, modernHeaders('tools/call', 'large'), large);
    let bytes = 0;
    let looked = performance.now();
    socket.on('error', () => undefined);
    // A tenth of it every third of the time it has.
    while (bytes < 20 * MIB) {
      await once(socket, 'readable');
      for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null) {
        bytes += chunk.length;
        if (bytes % (2 * MIB) < chunk.length) {
          await vi.waitFor(() => expect(performance.now() - looked).toBeGreaterThan(400), { interval: 20 });
          looked = performance.now();
          // The end of it is the system's to hold.
          if (bytes < 3 * MIB) expect(status.connections).toBe(1);
        }
      }
    }
    socket.destroy();
    expect(counts.letGo).toBe(letGo);
    await vi.waitFor(() => expect(status.connections).toBe(0));
  });
});

describe('a client of the sdk adapter that takes nothing', () => {
  const served = new Served('sdk, front on Fastify', { unsent });
  const counts = new Counts(served);
  const floods = new Floods();
  beforeAll(() => floods.register(served.host.app?.get(RookeryServer) as RookeryServer));

  it('[R7] is let go', async () => {
    const session = await openSession(served.url);
    const headers = { ...LEGACY_HEADERS, 'mcp-session-id': session };
    const message = legacyMessage('tools/call', { name: 'large', arguments: {} });
    const socket = await askWithoutReading(served.url, headers, message);
    await vi.waitFor(() => expect(counts.letGo).toBe(1), { timeout: 20_000 });
    await rest(socket);
  });
});

describe('a client that sends slowly', () => {
  let app: NestFastifyApplication;
  let url: string;
  beforeAll(async () => {
    const options = { connections: { headersTimeoutMs: 300, requestTimeoutMs: 500 } };
    const adapter = new FastifyAdapter({ http: { connectionsCheckingInterval: 50 } });
    app = await NestFactory.create<NestFastifyApplication>(FixtureModule.forRoot(options), adapter, { logger: false });
    url = await listenLocally(app);
  });
  afterAll(() => app.close());

  it.each([
    ['its headers', 'POST /mcp HTTP/1.1\r\nhost: localhost\r\n'],
    ['its body', `${head({ ...modernHeaders('tools/list'), 'content-length': '100' })}{`],
  ])('[R7] %s is answered with 408, which is counted', async (_what, piece) => {
    const count = (): number =>
      app
        .get(Telemetry)
        .samples()
        .find(({ labels }) => labels['reason'] === 'request_timeout')?.value ?? 0;
    const before = count();
    const { received } = await sendPieces(url, [piece]);
    expect(received).toMatch(/^HTTP\/1\.1 408 /);
    expect(count()).toBe(before + 1);
    expect(app.get(ServerStatus).connections).toBe(0);
  });
});

describe('a client of a pipe that does not read', () => {
  const served = new Served('front on Fastify', { unsent });
  const floods = new Floods();
  beforeAll(() => floods.register(served.host.app?.get(RookeryServer) as RookeryServer));

  it('[R7] goes without progress, and gets its answer', async () => {
    const input = new PassThrough();
    const output = new PassThrough();
    const done = served.host.app?.get(StdioTransport).serve({ input, output });
    input.write(`${JSON.stringify(withToken('flood'))}\n`);
    await vi.waitFor(() => expect(floods.ended).toBe('done'), { timeout: 20_000 });
    expect(output.writableLength + output.readableLength).toBeLessThan(4 * unsent.maxSize);
    let text = '';
    output.on('data', (chunk: Buffer) => (text += chunk.toString()));
    input.end();
    await done;
    expect(text).toContain('the answer');
  });
});

/** Resolves when the answer has come; the connection may stay open behind it. */
function answered(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (chunk: Buffer | string) => {
      text += chunk.toString();
      if (text.includes('the answer')) resolve(text);
    });
  });
}

/** Tells of changes until something is the case, as fast as the process gets rid of them. */
async function publishUntil(changes: ChangeBus | undefined, done: () => boolean): Promise<void> {
  for (let round = 0; round < 1_000 && !done(); round++) {
    for (let count = 0; count < 500; count++) changes?.publish({ kind: 'tools' });
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(done()).toBe(true);
}
