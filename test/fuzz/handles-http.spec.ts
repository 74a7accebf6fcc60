import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { sessionHeaders } from './drive/http-request.js';
import type { Received } from './drive/http-wire.js';
import { Visitor } from './drive/visitor.js';
import { startFuzzServer, type FuzzServer } from './fixtures/fuzz-server.js';
import { realTampers, tampered } from './generate/handle.js';
import { SEED } from './settings.js';

const MADE_UP = '6f1f2a0e-0000-4000-8000-000000000000';
const IDLE_MS = 60_000;
const LONGEST_HEADER = 4_000;

let server: FuzzServer;
let visitor: Visitor;
beforeAll(async () => {
  server = await startFuzzServer('http', { sessionIdleMs: IDLE_MS });
  visitor = new Visitor(server.http);
});
afterAll(async () => {
  visitor.leave();
  await server.close();
});
afterEach(() => vi.restoreAllMocks());

type Answered = Pick<Received, 'status' | 'body'>;

/** Uses a session; what that is answered. */
async function useSession(id: string): Promise<Answered> {
  const { status, body } = await visitor.answer('POST', sessionHeaders(id), { id: 1, method: 'ping' });
  return { status, body };
}

/** Comes back to a stream; what that is answered. */
async function resume(session: string, eventId: string): Promise<Answered> {
  const headers = [...sessionHeaders(session), ['last-event-id', eventId]] as const;
  const { status, body } = await visitor.answer('GET', headers);
  return { status, body };
}

/** The first event of a stream that has ended, which brought more. */
async function eventOf(session: string): Promise<string> {
  const params = { name: 'steps', arguments: { steps: 3 }, _meta: { progressToken: 1 } };
  const { body } = await visitor.answer('POST', sessionHeaders(session), { id: 2, method: 'tools/call', params });
  return /^id: (\d+\.1)$/m.exec(body)?.[1] ?? '';
}

/** From here on it is as late as that nothing is kept which was idle. */
function waitLong(): void {
  const later = performance.now() + IDLE_MS + 1;
  vi.spyOn(performance, 'now').mockReturnValue(later);
}

/** A value as it can stand in a header. */
const inHeader = (value: unknown): string =>
  String(value)
    .replaceAll(/[\r\n\0]/g, '%')
    .slice(0, LONGEST_HEADER)
    .trim();

describe('a session', () => {
  it('answers like an unknown one when its name was altered, in whatever way', async () => {
    const [id, unknown] = [await visitor.begin(), await useSession(MADE_UP)];
    expect(unknown).toMatchObject({ status: 404 });
    await fc.assert(
      fc.asyncProperty(realTampers, fc.nat(999), async (how, pick) => {
        const altered = inHeader(tampered(id, how, pick));
        if (altered !== id) expect(await useSession(altered)).toEqual(unknown);
      }),
      { seed: SEED, numRuns: 100 },
    );
    expect(await useSession(id)).toMatchObject({ status: 200 });
  });

  it('answers like an unknown one after its time', async () => {
    const id = await visitor.begin();
    waitLong();
    expect(await useSession(id)).toEqual(await useSession(MADE_UP));
  });
});

describe('a stream', () => {
  it('answers like an unknown one when the event was altered, or was not sent', async () => {
    const session = await visitor.begin();
    const [event, unknown] = [await eventOf(session), await resume(session, '999.0')];
    expect(unknown).toMatchObject({ status: 400 });
    const [stream = ''] = event.split('.');
    for (const altered of [`0${event}`, `${stream}.01`, `${stream}.99`, stream, `${stream}.1.1`, `+${event}`, 'x']) {
      expect(await resume(session, altered), altered).toEqual(unknown);
    }
    expect(await resume(session, event)).toMatchObject({ status: 200 });
  });

  it('answers like one of an unknown session after its own', async () => {
    const session = await visitor.begin();
    const event = await eventOf(session);
    waitLong();
    expect(await resume(session, event)).toEqual(await resume(MADE_UP, event));
  });
});
