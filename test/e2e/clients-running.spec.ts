import type { Progress } from '@modelcontextprotocol/client';
import { describe, expect, it } from 'vitest';
import { Connected, MODERN_PAIRS, PAIRS } from './support/connection.js';

describe.each(PAIRS)('a running call of the client of $revision, $host', (pair) => {
  const connected = new Connected(pair);

  /** Lets the tool count, and go on to its answer when the last report has arrived. */
  async function count(to: number): Promise<readonly Progress[]> {
    const { client } = connected;
    const reports: Progress[] = [];
    const key = `count to ${to}`;
    const onprogress = (progress: Progress): void => {
      if (reports.push(progress) === to) void client.callTool('release', { key });
    };
    const { content } = await client.callTool('count', { to, key }, { onprogress });
    expect(content).toEqual([{ type: 'text', text: `counted to ${to}` }]);
    return reports;
  }

  it('[protocol F14, protocol H5] tells how far it has come, never going back', async () => {
    expect(await count(6)).toEqual(
      [1, 2, 3, 4, 5, 6].map((step) => ({ progress: step, total: 6, message: `step ${step}` })),
    );
  });

  it('tells each of several callers about its own call', async () => {
    const counts = await Promise.all([3, 4, 5].map(count));
    expect(counts.map((reports) => reports.map(({ total }) => total))).toEqual([
      [3, 3, 3],
      [4, 4, 4, 4],
      [5, 5, 5, 5, 5],
    ]);
  });

  it('does not hold up another call', async () => {
    const { client } = connected;
    const held = client.callTool('hold', { key: 'aside' });
    await client.callTool('await_moment', { key: 'aside', moment: 'begun' });
    expect((await client.callTool('echo', { text: 'meanwhile' })).isError).toBeFalsy();
    await client.callTool('release', { key: 'aside' });
    expect((await held).content).toEqual([{ type: 'text', text: 'released' }]);
  });
});

/** In 2026 over HTTP by closing the connection, else by `notifications/cancelled`. */
describe.each(PAIRS)('a call that the client of $revision gives up, $host', (pair) => {
  const connected = new Connected(pair);

  it('[S11] [protocol H6, protocol L4, protocol T2] is told so by its signal and ends', async () => {
    const { client } = connected;
    const controller = new AbortController();
    const held = client.callTool('hold', { key: 'given up' }, { signal: controller.signal });
    held.catch(() => undefined);
    await client.callTool('await_moment', { key: 'given up', moment: 'begun' });
    controller.abort(new Error('enough'));
    await expect(held).rejects.toThrow(/enough|abort/i);
    await client.callTool('await_moment', { key: 'given up', moment: 'aborted' });
    await client.callTool('await_moment', { key: 'given up', moment: 'ended' });
    expect((await client.callTool('echo', { text: 'alive' })).content).toEqual([{ type: 'text', text: 'alive' }]);
  });

  it('[S11] leaves other calls of the client alone', async () => {
    const { client } = connected;
    const controller = new AbortController();
    const given = client.callTool('hold', { key: 'one' }, { signal: controller.signal });
    given.catch(() => undefined);
    const kept = client.callTool('hold', { key: 'other' });
    await client.callTool('await_moment', { key: 'one', moment: 'begun' });
    await client.callTool('await_moment', { key: 'other', moment: 'begun' });
    controller.abort(new Error('enough'));
    await client.callTool('await_moment', { key: 'one', moment: 'ended' });
    await client.callTool('release', { key: 'other' });
    expect((await kept).content).toEqual([{ type: 'text', text: 'released' }]);
  });
});

describe.each(MODERN_PAIRS)('log messages for the client of $revision, $host', (pair) => {
  const connected = new Connected(pair);

  it('[protocol F13] come from the level on that the request asks for', async () => {
    const { client } = connected;
    await client.callTool('log_everything', {}, { meta: { 'io.modelcontextprotocol/logLevel': 'error' } });
    expect(client.logs).toEqual(
      ['error', 'critical', 'alert', 'emergency'].map((level) => ({
        level,
        logger: 'fixture',
        data: { text: `at ${level}` },
      })),
    );
  });

  it('[protocol F13] do not come to a request that does not ask', async () => {
    const { client } = connected;
    const before = client.logs.length;
    await client.callTool('log_everything');
    expect(client.logs).toHaveLength(before);
  });

  it('[protocol F13] cannot be asked for by a level that does not exist', async () => {
    const meta = { 'io.modelcontextprotocol/logLevel': 'loud' };
    await expect(connected.client.callTool('log_everything', {}, { meta })).rejects.toMatchObject({ code: -32602 });
  });
});
