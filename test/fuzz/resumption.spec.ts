import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { campaign } from './campaign.js';
import { inProcess } from './drive/connections.js';
import { EventReader } from './drive/event-reader.js';
import { sessionHeaders, written, type Headers } from './drive/http-request.js';
import { HttpWire, type Received } from './drive/http-wire.js';
import { startFuzzServer, type FuzzServer } from './fixtures/fuzz-server.js';
import { shareOf } from './settings.js';

let server: FuzzServer;
beforeAll(async () => {
  server = await startFuzzServer('http', { sessionIdleMs: 600_000 });
});
afterAll(() => server.close());

const PLAIN = { forgeries: [], framing: 'length' } as const;
const INITIALIZE = {
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'fuzz', version: '0' } },
};

/** A client in a session that loses its connection after so many events, and comes back for the rest. */
class Wanderer {
  readonly #heard: unknown[] = [];
  #session: string | undefined;
  #lastEventId = '';

  constructor(private readonly wire: HttpWire) {}

  async begin(): Promise<void> {
    const received = await this.#whole(this.#send('POST', { id: 0, ...INITIALIZE }));
    this.#session = received.headers.get('mcp-session-id');
  }

  /** Calls, and reads on one connection after another; the numbers of events that it stays for. */
  async call(call: object, stays: readonly number[]): Promise<readonly unknown[]> {
    let received = this.#send('POST', { id: 1, ...call });
    for (const stay of stays) {
      if (await this.#read(received, stay)) return this.#heard;
      this.wire.hangUp();
      received = this.#send('GET', undefined, [['last-event-id', this.#lastEventId]]);
    }
    while (!(await this.#read(received, Number.POSITIVE_INFINITY))) {
      received = this.#send('GET', undefined, [['last-event-id', this.#lastEventId]]);
    }
    return this.#heard;
  }

  /** Ends the session; whatever is asked for in it afterwards. */
  async end(): Promise<readonly number[]> {
    const last: Headers = [['last-event-id', this.#lastEventId]];
    const statuses: number[] = [];
    for (const [method, headers] of [['DELETE'], ['DELETE'], ['GET'], ['GET', last]] as const) {
      statuses.push((await this.#whole(this.#send(method, undefined, headers))).status);
    }
    statuses.push((await this.#whole(this.#send('POST', { id: 2, method: 'ping' }))).status);
    return statuses;
  }

  /** Whether the answer has come. At least the event is read that says how to come back. */
  async #read(received: Received, stay: number): Promise<boolean> {
    const reader = new EventReader();
    let answered = false;
    for (let read = 0; read <= stay;) {
      for (const { id, data } of reader.take(received.body)) {
        if (read++ > stay) break;
        this.#lastEventId = id ?? this.#lastEventId;
        if (data === '') continue;
        const message = JSON.parse(data) as { readonly id?: unknown };
        this.#heard.push(message);
        answered ||= message.id === 1;
      }
      if (answered || received.ended || this.wire.closed) break;
      if (read <= stay) await this.wire.change();
    }
    return answered;
  }

  #send(method: string, message?: object, more: Headers = []): Received {
    const body = message && JSON.stringify({ jsonrpc: '2.0', ...message });
    return this.wire.send(...written(method, [...sessionHeaders(this.#session), ...more], body, PLAIN));
  }

  async #whole(received: Received): Promise<Received> {
    while (!received.ended && !this.wire.closed) await this.wire.change();
    return received;
  }
}

describe('a stream that a client comes back to', () => {
  it('brings every message once and in order, until its session ends', { timeout: 600_000 }, async () => {
    const wire = (): HttpWire => new HttpWire(inProcess(server.http));
    await campaign({
      name: 'resumption',
      share: shareOf('resumption'),
      inputs: fc.record({
        steps: fc.integer({ min: 1, max: 8 }),
        ms: fc.nat(2),
        stays: fc.array(fc.nat(4), { maxLength: 6, size: 'max' }),
      }),
      run: async ({ steps, ms, stays }) => {
        const connection = wire();
        const client = new Wanderer(connection);
        await client.begin();
        const params = { name: 'steps', arguments: { steps, ms }, _meta: { progressToken: 'token' } };
        const heard = await client.call({ method: 'tools/call', params }, stays);
        const progress = heard.flatMap(
          (message) => (message as { params?: { progress?: number } }).params?.progress ?? [],
        );
        expect(progress).toEqual(Array.from({ length: steps }, (_none, index) => index + 1));
        expect(heard.at(-1)).toMatchObject({ id: 1, result: { content: [{ text: `${steps} steps` }] } });
        expect(await client.end()).toEqual([204, 404, 404, 404, 404]);
        connection.hangUp();
        expect(server.vitals.take()).toEqual([]);
        return 7 + stays.length;
      },
    });
  });
});
