import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { modernHeaders } from './drive/http-request.js';
import { Visitor } from './drive/visitor.js';
import { startFuzzServer, type FuzzServer } from './fixtures/fuzz-server.js';
import { LivelyTools } from './fixtures/lively.tools.js';
import { envelopeOf } from './generate/envelope.js';

let server: FuzzServer;
let visitor: Visitor;
beforeAll(async () => {
  server = await startFuzzServer('http', { sessionIdleMs: 600_000 });
});
beforeEach(() => {
  visitor = new Visitor(server.http);
});
afterEach(() => visitor.leave());
afterAll(() => server.close());

const eventIds = (body: string): readonly string[] => [...body.matchAll(/^id: (\S+)$/gm)].map(([, id]) => id ?? '');

describe('a stream', () => {
  it('whose request was cancelled ends at once for a client that comes back', async () => {
    await visitor.begin();
    const params = { name: 'ask_twice', arguments: {} };
    const asking = visitor.inSession('POST', { id: 'a', method: 'tools/call', params });
    await expect.poll(() => asking.body).toContain('elicitation/create');
    visitor.inSession('POST', { method: 'notifications/cancelled', params: { requestId: 'a' } });
    await expect.poll(() => asking.ended).toBe(true);
    const [first = ''] = eventIds(asking.body);
    const resumed = visitor.inSession('GET', undefined, [['last-event-id', first]]);
    await expect.poll(() => resumed.ended).toBe(true);
    expect(resumed.status).toBe(200);
  });

  it('of which too much was sent meanwhile is refused, not resumed with a gap', async () => {
    await visitor.begin();
    const params = { name: 'chatter', arguments: { events: 600 }, _meta: { progressToken: 1 } };
    const told = visitor.inSession('POST', { id: 'c', method: 'tools/call', params });
    await expect.poll(() => told.ended).toBe(true);
    const ids = eventIds(told.body);
    const early = visitor.inSession('GET', undefined, [['last-event-id', ids[1] ?? '']]);
    const late = visitor.inSession('GET', undefined, [['last-event-id', ids.at(-2) ?? '']]);
    await expect.poll(() => [early.status, late.status]).toEqual([400, 200]);
  });

  it('is not begun for a client that takes none', async () => {
    const params = { notifications: { toolsListChanged: true }, _meta: envelopeOf({}) };
    const message = { id: 'l', method: 'subscriptions/listen', params };
    const headers = modernHeaders(message).filter(([name]) => name !== 'accept');
    const { status, body } = await visitor.answer('POST', [...headers, ['accept', 'application/json']], message);
    expect(status).toBe(406);
    expect(JSON.parse(body)).toMatchObject({ id: 'l' });
  });
});

describe('an answer within a session', () => {
  it('is left alone, whatever its handler still does to its stream', async () => {
    await visitor.begin();
    const params = { name: 'afterthought', arguments: { ms: 1 } };
    const answered = visitor.inSession('POST', { id: 'a', method: 'tools/call', params });
    await expect.poll(() => server.app.get(LivelyTools).afterthoughts).toBe(1);
    expect(answered).toMatchObject({ ended: true, status: 200 });
    expect(server.vitals.take()).toEqual([]);
  });
});
