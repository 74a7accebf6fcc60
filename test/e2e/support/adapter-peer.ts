import { isObject } from '../../../src/core/index.js';
import { McpTransportAdapter } from '../../../src/index.js';
import { createTestServer, type TestServer } from '../../../src/testing/index.js';
import { FixturesModule } from '../../conformance/fixtures/fixtures.module.js';
import { rightAnswer } from '../../fuzz/generate/answers.js';
import { spelled } from '../../fuzz/generate/json.js';
import { AdapterPipe } from './adapter-pipe.js';
import { ContentTools } from './content.tools.js';
import { Documents } from './documents.js';
import { eventsOf, openSession, type RawMessage } from './http-messages.js';
import { OddTools } from './odd.tools.js';

/** What came of a message: a result, the class of an error, a refusal by the transport, or nothing to be said. */
export interface AdapterOutcome {
  /** When it is not 200. */
  readonly status?: number;
  readonly result?: unknown;
  /** The code of the JSON-RPC error, and the stable code in its data. */
  readonly error?: number;
  readonly code?: unknown;
  /** Notifications and questions that came before, where there were any. */
  readonly before?: readonly unknown[];
}

/** The longest message that both take. */
export const MAX_MESSAGE_SIZE = 262_144;

const CAPABILITIES = { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} };
const JSON_HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };
const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

/** A server on one of the adapters, and a client in a session of it that takes and sends everything as it is. */
export class AdapterPeer {
  readonly #cursors: string[] = [];
  #nextCursor: string | undefined;

  #session: Readonly<Record<string, string>> = {};

  private constructor(readonly server: TestServer) {}

  static async start(adapter: 'native' | 'sdk'): Promise<AdapterPeer> {
    const server = await createTestServer({
      imports: [FixturesModule],
      providers: [ContentTools, Documents, OddTools],
      server: { adapter, pageSize: 3, maxMessageSize: MAX_MESSAGE_SIZE },
      transport: 'http',
      era: '2025-11-25',
    });
    const peer = new AdapterPeer(server);
    await peer.begin();
    return peer;
  }

  /** Begins a session; the one before is left alone. */
  async begin(): Promise<void> {
    this.#session = { 'mcp-session-id': await openSession(this.server.url, '2025-11-25', CAPABILITIES) };
  }

  /** One of the cursors that were kept; made up where there is none. */
  cursor(index: number): string {
    return this.#cursors[index % this.#cursors.length] ?? 'made-up';
  }

  /** Keeps the cursor of the latest answer, if it had one. */
  keepCursor(): void {
    if (this.#nextCursor !== undefined) this.#cursors.push(this.#nextCursor);
  }

  /** A POST within the session, unless other headers are given. */
  post(body: unknown, headers: Readonly<Record<string, string>> = this.#session): Promise<Response> {
    return fetch(this.server.url, { method: 'POST', headers: { ...JSON_HEADERS, ...headers }, body: spelled(body) });
  }

  /** Another method within the session. */
  request(method: 'GET' | 'DELETE', headers: Readonly<Record<string, string>> = {}): Promise<Response> {
    return fetch(this.server.url, { method, headers: { accept: 'text/event-stream', ...this.#session, ...headers } });
  }

  /** Sends a message, answers what the server asks meanwhile, and comes back for an answer that was not waited for. */
  async ask(body: unknown, headers?: Readonly<Record<string, string>>): Promise<AdapterOutcome> {
    const response = await this.post(body, headers);
    const before: RawMessage[] = [];
    const { result, error } = await this.#answer(response, before);
    this.#nextCursor = result?.['nextCursor'] as string | undefined;
    return {
      ...(response.status !== 200 && { status: response.status }),
      ...(result !== undefined && { result: normal(result) }),
      ...(error !== undefined && { error: error.code }),
      ...(error?.data?.['code'] !== undefined && { code: error.data['code'] }),
      ...(before.length > 0 && { before: before.map(({ method, params }) => normal({ method, params })) }),
    };
  }

  /** A client on a pipe to the same server. */
  pipe(): AdapterPipe {
    return new AdapterPipe(this.server.app.get(McpTransportAdapter));
  }

  close(): Promise<void> {
    return this.server.close();
  }

  async #answer(response: Response, before: RawMessage[]): Promise<RawMessage> {
    if (!(response.headers.get('content-type') ?? '').includes('event-stream')) {
      const text = await response.text();
      return text === '' ? {} : (JSON.parse(text) as RawMessage);
    }
    let last = '';
    for await (const { id, message } of eventsOf(response)) {
      last = id ?? last;
      if (message === undefined) continue;
      if (message.method === undefined) return message;
      before.push(message);
      if (message.id !== undefined) await this.#reply(message);
    }
    return this.#answer(await this.request('GET', { 'last-event-id': last }), before);
  }

  async #reply({ id, method = '', params }: RawMessage): Promise<void> {
    await (await this.post({ jsonrpc: '2.0', id, result: rightAnswer({ method, params }) })).text();
  }
}

/** Without what is another each time. */
function normal(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll(UUID, '<uuid>');
  if (Array.isArray(value)) return value.map(normal);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, key === 'nextCursor' ? '<cursor>' : normal(member)]),
  );
}
