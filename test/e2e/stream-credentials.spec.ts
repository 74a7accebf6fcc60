import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AdaptersModule } from '../../src/adapters/index.js';
import { ApiKeyStore, ApiKeys } from '../../src/auth/index.js';
import { AuthModule, createServer, type StandaloneServer } from '../../src/index.js';
import { post, postModern } from './support/http-messages.js';

const REVOCATION_SECONDS = 0.4;

/** Opens a stream and resolves with its response, once it is there. */
interface Stream {
  readonly name: string;
  readonly adapter: 'native' | 'sdk';
  readonly open: (url: string, key: string) => Promise<Response>;
}

const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });

async function sessionStream(url: string, key: string): Promise<Response> {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } };
  const opened = await post(url, { jsonrpc: '2.0', id: 0, method: 'initialize', params }, bearer(key));
  await opened.text();
  const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
  return fetch(url, { headers: { accept: 'text/event-stream', ...session, ...bearer(key) } });
}

const STREAMS: readonly Stream[] = [
  {
    name: 'subscriptions/listen',
    adapter: 'native',
    open: (url, key) =>
      postModern(url, 'subscriptions/listen', { notifications: { toolsListChanged: true } }, { headers: bearer(key) }),
  },
  { name: 'the GET stream of a session', adapter: 'native', open: sessionStream },
  { name: "the GET stream of a session of the SDK's", adapter: 'sdk', open: sessionStream },
];

/** Whether the stream ends within a time, by its end or by that of its connection. */
async function endsWithin(response: Response, ms: number): Promise<boolean> {
  const ended = response.text().then(
    () => true,
    () => true,
  );
  const timeout = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), ms).unref());
  return Promise.race([ended, timeout]);
}

describe.each(STREAMS)('$name', ({ adapter, open }) => {
  let server: StandaloneServer;
  let url: string;
  let keys: ApiKeys;

  beforeAll(async () => {
    server = await createServer({
      port: 0,
      logger: false,
      adapter,
      imports: [
        AdaptersModule.forRoot({ store: { url: 'memory:' } }),
        AuthModule.forRoot({ storedKeys: true, revocationSeconds: REVOCATION_SECONDS }),
      ],
    });
    url = await server.start();
    keys = new ApiKeys(server.app.get(ApiKeyStore));
  });
  afterAll(() => server.stop());

  it('[A1, A10] ends when its key is revoked, and that of another key does not', async () => {
    const [revoked, kept] = [await keys.create({ id: 'revoked' }), await keys.create({ id: 'kept' })];
    const streams = [await open(url, revoked.key), await open(url, kept.key)] as const;
    expect(streams.map(({ status }) => status)).toEqual([200, 200]);
    await keys.revoke('revoked');
    expect(await endsWithin(streams[0], 10_000)).toBe(true);
    expect(await endsWithin(streams[1], 3 * REVOCATION_SECONDS * 1000)).toBe(false);
  });

  it('[A1, A10] ends when its key ends', async () => {
    const { key } = await keys.create({ id: 'brief', expiresAt: Date.now() + 2_000 });
    const stream = await open(url, key);
    expect(stream.status).toBe(200);
    expect(await endsWithin(stream, 10_000)).toBe(true);
  });
});
