import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, it } from 'vitest';
import { SdkEventStore } from './sdk-event-store.js';

const message = (id: number): JSONRPCMessage => ({ jsonrpc: '2.0', id, result: {} });

async function replayed(store: SdkEventStore, after: string): Promise<readonly unknown[]> {
  const sent: unknown[] = [];
  await store.replayEventsAfter(after, { send: (...event) => Promise.resolve(void sent.push(event)) });
  return sent;
}

describe('the events of a session', () => {
  it('are sent again behind the one that arrived last, of its stream alone', async () => {
    const store = new SdkEventStore();
    const first = await store.storeEvent('a', message(1));
    await store.storeEvent('b', message(2));
    const third = await store.storeEvent('a', message(3));
    expect(await replayed(store, first)).toEqual([[third, message(3)]]);
    expect(await replayed(store, third)).toEqual([]);
  });

  it('include what is stored while they are sent', async () => {
    const store = new SdkEventStore();
    const first = await store.storeEvent('a', message(1));
    await store.storeEvent('a', message(2));
    const sent: JSONRPCMessage[] = [];
    const stream = await store.replayEventsAfter(first, {
      send: async (_id, event) => {
        if (sent.push(event) === 1) await store.storeEvent('a', message(3));
      },
    });
    expect(stream).toBe('a');
    expect(sent).toEqual([message(2), message(3)]);
  });

  it('do not include those that only gave an id', async () => {
    const store = new SdkEventStore();
    const primed = await store.storeEvent('a', {} as JSONRPCMessage);
    const second = await store.storeEvent('a', message(2));
    expect(await replayed(store, primed)).toEqual([[second, message(2)]]);
    expect(await replayed(store, 'a.0')).toEqual([[second, message(2)]]);
  });

  it.each(['b.1', 'a.2', 'a.', 'a', '.1', 'a.1.1', '', 'a.-1', `${'a'.repeat(65)}.1`])(
    'do not include %j, which was not sent',
    async (id) => {
      const store = new SdkEventStore();
      expect(store.knows(await store.storeEvent('a', message(1)))).toBe(true);
      expect(store.knows(id)).toBe(false);
    },
  );

  it('are forgotten when many have followed', async () => {
    const store = new SdkEventStore();
    const first = await store.storeEvent('a', message(1));
    for (let id = 0; id < 512; id++) await store.storeEvent('b', message(id));
    expect(store.knows(first)).toBe(false);
  });
});
