import { setTimeout as delay } from 'node:timers/promises';
import { MAX_MESSAGE_SIZE, type AdapterOutcome, type AdapterPeer } from './support/adapter-peer.js';
import type { AdapterPipe } from './support/adapter-pipe.js';
import { eventsOf } from './support/http-messages.js';

/** Something that a client of the 2025 era sees done in one way by one adapter and in another by the other. */
export interface AdapterDifference {
  readonly what: string;
  readonly reason: string;
  /** A case that shows it, and what each adapter makes of it. */
  readonly show: (peer: AdapterPeer) => Promise<unknown>;
  readonly native: unknown;
  readonly sdk: unknown;
  /** Whether it explains what came of a message within a session. */
  readonly explains?: (message: unknown, native: AdapterOutcome, sdk: AdapterOutcome) => boolean;
}

const PING = { jsonrpc: '2.0', id: 1, method: 'ping' };
const OUTSIDE = {};
const initialize = (params: object): object => ({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
const call = (name: string, more: object = {}): object => ({
  jsonrpc: '2.0',
  id: 1,
  method: 'tools/call',
  params: { name, ...more },
});
const CLIENT = { capabilities: {}, clientInfo: { name: 'raw', version: '1' } };

/** What no request of a client comes near. */
const DEEP = 300;

function nested(depth: number): object {
  return depth === 0 ? {} : { inner: nested(depth - 1) };
}

/** A generated message says how deep a part of it will be rather than holding it. */
function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  if ('$deep' in value) return Number(value.$deep);
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

/** Everything in which the adapters differ; what is not here is the same. */
export const ADAPTER_DIFFERENCES: readonly AdapterDifference[] = [
  {
    what: 'a message that is no JSON-RPC',
    reason: 'The SDK reports it as a parse error; JSON-RPC keeps that code for what is no JSON.',
    show: (peer) => peer.ask({ ...PING, params: 'text' }),
    native: { status: 400, error: -32600 },
    sdk: { status: 400, error: -32700 },
    explains: (_message, native, sdk) =>
      native.status === 400 && native.error === -32600 && sdk.status === 400 && sdk.error === -32700,
  },
  {
    what: 'a message that is nested too deeply',
    reason: 'Natively it is refused before anything walks through it; the SDK hands it on.',
    show: (peer) => peer.ask({ ...PING, method: 'completion/complete', params: nested(2 * DEEP) }),
    native: { status: 400, error: -32600 },
    sdk: { error: -32602 },
    explains: (message, native) => native.status === 400 && native.error === -32600 && depthOf(message) > DEEP,
  },
  {
    what: 'a batch',
    reason: 'The SDK takes batches in every revision; they belong to 2025-03-26.',
    show: async (peer) => peer.ask([PING]),
    native: { status: 400, error: -32000 },
    sdk: { result: {} },
    explains: (message, native) => Array.isArray(message) && native.status === 400 && native.error === -32000,
  },
  {
    what: 'a batch of nothing',
    reason: 'To the SDK it is one without requests, which it accepts.',
    show: (peer) => peer.ask([]),
    native: { status: 400, error: -32600 },
    sdk: { status: 202 },
    explains: (message, native, sdk) => Array.isArray(message) && native.error === -32600 && sdk.status === 202,
  },
  {
    what: 'a call that asks for a task of 2025-11-25',
    reason: 'These tasks are not served. Natively the wish is passed over, as the revision has it; the SDK refuses.',
    show: (peer) => peer.ask(call('test_simple_text', { task: {} })),
    native: { result: { content: [{ type: 'text', text: 'This is a simple text response for testing.' }] } },
    sdk: { error: -32603 },
  },
  {
    what: 'the progress of a call that says it belongs to such a task',
    reason: 'The SDK keeps it for the task, which does not exist.',
    show: async (peer) => {
      const meta = { progressToken: 1, 'io.modelcontextprotocol/related-task': { taskId: 'none' } };
      const { before } = await peer.ask(call('test_streaming_elicitation', { _meta: meta }));
      return before?.length ?? 0;
    },
    native: 1,
    sdk: 0,
  },
  {
    what: 'an initialize with wrong parameters',
    reason: 'The SDK does not recognise it as one, and finds that there is no session.',
    show: (peer) => peer.ask(initialize({}), OUTSIDE),
    native: { error: -32602 },
    sdk: { status: 400, error: -32000 },
  },
  {
    what: 'the revision 2024-10-07',
    reason: 'The SDK still serves it; it was never published.',
    show: async (peer) => {
      const { result } = await peer.ask(initialize({ protocolVersion: '2024-10-07', ...CLIENT }), OUTSIDE);
      return (result as { readonly protocolVersion: string }).protocolVersion;
    },
    native: '2025-11-25',
    sdk: '2024-10-07',
  },
  {
    what: 'a request of 2026-07-28',
    reason: 'The SDK serves the revisions that begin with initialize, and misses the session.',
    show: async (peer) => {
      const meta = {
        'io.modelcontextprotocol/protocolVersion': '2026-07-28',
        'io.modelcontextprotocol/clientCapabilities': {},
      };
      const headers = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'server/discover' };
      const { result, ...rest } = await peer.ask(
        { ...PING, method: 'server/discover', params: { _meta: meta } },
        headers,
      );
      return { ...rest, served: result !== undefined };
    },
    native: { served: true },
    sdk: { status: 400, error: -32000, served: false },
  },
  {
    what: 'a client that accepts everything',
    reason: 'The SDK wants both types written out in Accept.',
    show: async (peer) =>
      (await peer.post(initialize({ protocolVersion: '2025-11-25', ...CLIENT }), { accept: '*/*' })).status,
    native: 200,
    sdk: 406,
  },
  {
    what: 'an answer without notifications',
    reason: 'The SDK decides before the call; as one body it could send no notifications with it.',
    show: async (peer) => {
      const response = await peer.post(PING);
      await response.text();
      return response.headers.get('content-type');
    },
    native: 'application/json',
    sdk: 'text/event-stream',
  },
  {
    what: 'the headers of a call that is to come again later',
    reason: 'The SDK has sent them before the call, as its answers always stream; the wait is in the result alone.',
    show: async (peer) => {
      const response = await peer.post(call('busy'));
      const said = (await response.text()).includes('"retry_after":7');
      return { said, header: response.headers.get('retry-after') };
    },
    native: { said: true, header: '7' },
    sdk: { said: true, header: null },
  },
  {
    what: 'a second GET stream of a session',
    reason: 'Natively it takes the place of the first, whose client may be gone unnoticed; the SDK refuses it.',
    show: async (peer) => {
      const streams = [await peer.request('GET'), await peer.request('GET')];
      for (const stream of streams) await stream.body?.cancel();
      return streams.map(({ status }) => status);
    },
    native: [200, 200],
    sdk: [200, 409],
  },
  {
    what: 'the answer to a call that was given up',
    reason: 'Natively its response ends; the SDK leaves it open until the client closes it or the session ends.',
    show: async (peer) => {
      const held = peer.post(call('slow_compute', { arguments: { seconds: 30 } })).then((response) => response.text());
      const cancelled = { method: 'notifications/cancelled', params: { requestId: 1 } };
      await delay(100);
      await peer.post({ jsonrpc: '2.0', ...cancelled });
      return Promise.race([held.then(() => 'ended'), delay(2_000, 'open')]);
    },
    native: 'ended',
    sdk: 'open',
  },
  {
    what: 'the stream of a client that comes back after the answer',
    reason: 'Natively it ends with the answer; the SDK leaves it open until the client closes it or the session ends.',
    show: async (peer) => {
      const ids: string[] = [];
      const called = await peer.post(call('test_tool_with_progress', { _meta: { progressToken: 'p' } }));
      for await (const { id } of eventsOf(called)) if (id !== undefined) ids.push(id);
      const resumed = (await peer.request('GET', { 'last-event-id': ids[0] ?? '' })).text();
      return Promise.race([resumed.then(() => 'ended'), delay(2_000, 'open')]);
    },
    native: 'ended',
    sdk: 'open',
  },
  {
    what: 'content with a member that the protocol does not know',
    reason: 'The SDK checks results of tools against its schemas, which take such members away.',
    show: (peer) => peer.ask(call('unknown_member')),
    native: { result: { content: [{ type: 'text', text: 'known', further: 'unknown' }] } },
    sdk: { result: { content: [{ type: 'text', text: 'known' }] } },
  },
  {
    what: 'content that breaks the schema of the protocol',
    reason: 'The SDK checks results of tools, and answers with an error where they fail.',
    show: (peer) => peer.ask(call('not_base64')),
    native: { result: { content: [{ type: 'image', data: 'not base64!', mimeType: 'image/png' }] } },
    sdk: { error: -32602 },
  },
  {
    what: 'a line on stdio that is no message',
    reason: 'The SDK passes over it without an answer.',
    show: (peer) => firstAnswer(peer.pipe(), 'no JSON'),
    native: { error: -32700 },
    sdk: { result: {} },
  },
  {
    what: 'a line on stdio that is too long',
    reason: 'The SDK ends the connection; natively the line is skipped.',
    show: (peer) => firstAnswer(peer.pipe(), JSON.stringify('x'.repeat(MAX_MESSAGE_SIZE))),
    native: { error: -32600 },
    sdk: 'ended',
  },
  {
    what: 'an id on stdio that is in use',
    reason: 'The SDK does not look whether it is.',
    show: async (peer) => {
      const pipe = peer.pipe();
      pipe.send(call('slow_compute', { arguments: { seconds: 0.1 } }), PING);
      const message = await pipe.next();
      await pipe.close();
      return message?.error?.code ?? 'taken';
    },
    native: -32600,
    sdk: 'taken',
  },
  {
    what: 'the end of a session by DELETE',
    reason: 'Both are a success; natively it says that there is no body.',
    show: async (peer) => (await peer.request('DELETE')).status,
    native: 204,
    sdk: 200,
  },
];

/** What is answered first to a line and a ping behind it. */
async function firstAnswer(pipe: AdapterPipe, line: string): Promise<unknown> {
  pipe.write(line);
  pipe.send({ id: 2, method: 'ping' });
  const message = await Promise.race([pipe.next(), pipe.served.then(() => undefined)]);
  await pipe.close();
  if (message === undefined) return 'ended';
  return message.error === undefined ? { result: message.result } : { error: message.error.code };
}
