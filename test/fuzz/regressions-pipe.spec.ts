import { PassThrough, Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFuzzServer, type FuzzServer } from './fixtures/fuzz-server.js';
import { EVERYTHING } from './generate/envelope.js';

let server: FuzzServer;
beforeAll(async () => {
  server = await startFuzzServer();
});
afterAll(() => server.close());

const PINGS = 30;
const initialize = (version: string) => ({
  jsonrpc: '2.0',
  id: 0,
  method: 'initialize',
  params: { protocolVersion: version, capabilities: EVERYTHING, clientInfo: { name: 'fuzz', version: '0' } },
});
const call = (id: string, name: string, input: object = {}) => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: input },
});

const pings = Array.from({ length: PINGS }, (_none, id) => ({ jsonrpc: '2.0', id, method: 'ping' }));

/** A client on a pipe that holds so many bytes; it takes what the server writes at once unless it says otherwise. */
function pipe(take: (done: () => void) => void = (done) => done(), highWaterMark = 64) {
  const input = new PassThrough();
  const heard: unknown[] = [];
  const write = (chunk: Buffer, _encoding: string, done: () => void): void => {
    const lines = chunk.toString('utf8').split('\n');
    heard.push(...lines.filter((line) => line !== '').map((line): unknown => JSON.parse(line)));
    take(done);
  };
  const output = new Writable({ write, highWaterMark });
  const served = server.stdio.serve({ input, output });
  const say = (...messages: readonly object[]): boolean =>
    input.write(messages.map((message) => `${JSON.stringify(message)}\n`).join(''));
  return { input, output, heard, served, say };
}

describe('a pipe', () => {
  it('is let go when its client has gone, though a question is open', async () => {
    const { input, heard, served, say } = pipe();
    say(initialize('2025-11-25'), call('asking', 'ask_twice'));
    await expect.poll(() => heard).toContainEqual(expect.objectContaining({ method: 'elicitation/create' }));
    input.end();
    await served;
    const result = { isError: true, _meta: { 'rookery/code': 'cancelled' } };
    expect(heard.at(-1)).toMatchObject({ id: 'asking', result });
  });

  it('gets the answers to a batch before it is let go', async () => {
    const { input, heard, served, say } = pipe();
    say(initialize('2025-03-26'), [call('a', 'pause', { ms: 5 }), call('b', 'pause', { ms: 5 })]);
    input.end();
    await served;
    expect(heard.at(-1)).toMatchObject([{ id: 'a' }, { id: 'b' }]);
  });

  it('has one listener for its drain, however much its client does not take yet', async () => {
    const held: (() => void)[] = [];
    const { input, output, served, say } = pipe((done) => held.push(done));
    say(...pings);
    const answers = PINGS * JSON.stringify({ jsonrpc: '2.0', id: 0, result: {} }).length;
    await expect.poll(() => output.writableLength).toBeGreaterThan(answers);
    expect(output.listenerCount('drain')).toBe(1);
    input.destroy();
    output.destroy();
    await served;
  });

  it('is let go when everything was taken, by a slow client', async () => {
    const { input, heard, served, say } = pipe(setImmediate, 16_384);
    say(...pings);
    input.end();
    await served;
    expect(heard).toHaveLength(PINGS);
  });

  it('is let go when everything was taken, by a client that takes no more', async () => {
    let takes = true;
    const { input, heard, served, say } = pipe((done) => takes && done());
    say({ jsonrpc: '2.0', id: 'a', method: 'ping' });
    await expect.poll(() => heard).toMatchObject([{ id: 'a' }]);
    takes = false;
    input.end();
    await served;
  });
});

describe('a batch', () => {
  it('holds no answer to a request that was taken back meanwhile', async () => {
    const { input, heard, served, say } = pipe();
    say(initialize('2025-03-26'), [call('a', 'ask_twice'), call('b', 'pause')]);
    await expect.poll(() => heard).toContainEqual(expect.objectContaining({ method: 'elicitation/create' }));
    say({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'a' } });
    await expect.poll(() => heard.filter(Array.isArray)).toMatchObject([[{ id: 'b' }]]);
    input.end();
    await served;
  });
});
