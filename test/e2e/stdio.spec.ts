import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SECRET } from './support/content.tools.js';
import { legacyMessage, modernMessage } from './support/envelope.js';
import { ServerProcess } from './support/server-process.js';

const SERVER = 'dist-test/test/e2e/support/stdio-server.js';
const LIMIT = 65_536;
const call = (id: unknown, name: string, args: object = {}) =>
  modernMessage('tools/call', { name, arguments: args }, id);

describe('a server on stdio', () => {
  let server: ServerProcess;
  beforeAll(() => {
    server = new ServerProcess([SERVER], { env: { MAX_MESSAGE_SIZE: String(LIMIT) } });
  });
  afterAll(() => server.stop());
  /** Whether it still answers. */
  const lives = async (id: string): Promise<boolean> => {
    server.send(call(id, 'echo', { text: id }));
    const { result } = await server.answer(id);
    return JSON.stringify(result?.['content']) === JSON.stringify([{ type: 'text', text: id }]);
  };

  it('[protocol T1] writes nothing but messages to stdout, also when something prints', async () => {
    expect(await lives('first')).toBe(true);
    expect(server.stderr).toContain('a stray line on stdout');
    for (const line of server.stdout.trim().split('\n')) expect(JSON.parse(line)).toMatchObject({ jsonrpc: '2.0' });
  });

  it('[protocol L1, protocol T2] serves both eras on one pipe', async () => {
    const clientInfo = { name: 'raw', version: '0' };
    server.send(legacyMessage('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo }, 'old'));
    server.send(modernMessage('server/discover', {}, 'new'));
    expect((await server.answer('old')).result).toMatchObject({ protocolVersion: '2025-06-18' });
    expect((await server.answer('new')).result).toMatchObject({ supportedVersions: ['2026-07-28'] });
  });

  it.each([
    ['no JSON', 'hello\n'],
    ['half a message', '{"jsonrpc":"2.0",\n'],
    ['no UTF-8', Buffer.from([0x22, 0xff, 0x22, 0x0a])],
  ])('refuses a line that is %s with -32700, and lives', async (what, line) => {
    const before = server.stdout.length;
    await server.write(line);
    expect(await lives(`after ${what}`)).toBe(true);
    expect(server.stdout.slice(before)).toMatch(/"id":null.*-32700/);
  });

  it('refuses a line over the limit, and lives', async () => {
    const before = server.stdout.length;
    await server.write(`${JSON.stringify(call('long', 'echo', { text: 'x'.repeat(LIMIT) }))}\n`);
    expect(await lives('after a long line')).toBe(true);
    const shown = server.stdout.slice(before);
    expect(shown).toMatch(/"id":null.*server\.maxMessageSize/);
    expect(shown).not.toContain('"id":"long"');
  });

  it('refuses endless lines without keeping them, and lives', async () => {
    for (let chunk = 0; chunk < 50; chunk++) await server.write('x'.repeat(LIMIT));
    await server.write('\n');
    expect(await lives('after an endless line')).toBe(true);
  });

  it('refuses what is no request, and lives', async () => {
    const lines = ['null', '7', '[]', '{}', '{"jsonrpc":"2.0","id":null,"method":"ping"}'];
    await server.write(lines.map((line) => `${line}\n`).join(''));
    expect(await lives('after nonsense')).toBe(true);
  });

  it('passes over empty lines and takes lines that end as on Windows', async () => {
    await server.write(`\n\r\n  \n${JSON.stringify(call('crlf', 'echo', { text: 'hi' }))}\r\n`);
    expect((await server.answer('crlf')).result).toMatchObject({ content: [{ text: 'hi' }] });
  });

  it('takes a message in pieces, split in the middle of a character', async () => {
    const bytes = Buffer.from(`${JSON.stringify(call('pieces', 'echo', { text: '🦜' }))}\n`);
    const middle = bytes.indexOf(Buffer.from('🦜')) + 2;
    await server.write(bytes.subarray(0, middle));
    await server.write(bytes.subarray(middle));
    expect((await server.answer('pieces')).result).toMatchObject({ content: [{ text: '🦜' }] });
  });

  it('takes several messages in one piece and answers each', async () => {
    server.send(...['a', 'b', 'c'].map((id) => call(`piece ${id}`, 'echo', { text: id })));
    for (const id of ['a', 'b', 'c']) {
      expect((await server.answer(`piece ${id}`)).result).toMatchObject({ content: [{ text: id }] });
    }
  });

  it('[S11] [protocol T2] gives up a call by notification and sends nothing more for it', async () => {
    server.send(call('held', 'hold', { key: 'held' }), call('begun', 'await_moment', { key: 'held', moment: 'begun' }));
    await server.answer('begun');
    server.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'held' } });
    server.send(call('ended', 'await_moment', { key: 'held', moment: 'ended' }));
    await server.answer('ended');
    expect(await lives('after giving up')).toBe(true);
    expect(server.stdout).not.toContain('"id":"held"');
  });

  it.each(['unknown', '__proto__', 7, null, undefined, {}])(
    'passes over giving up the request %j, which is not under way',
    async (requestId) => {
      server.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } });
      expect(await lives(`after giving up ${JSON.stringify(requestId)}`)).toBe(true);
    },
  );

  it('[S7] sends neither secret nor stack, and logs no secret', async () => {
    server.send(call('thrown', 'break'));
    expect((await server.answer('thrown')).result).toMatchObject({ isError: true });
    expect(server.stdout).not.toMatch(/hunter2|postgres|\bat .*\(/);
    expect(server.stderr).not.toContain(SECRET);
  });
});

describe('a server on stdio whose client goes', () => {
  it('[protocol T1] answers what it was asked and exits with 0', async () => {
    const server = new ServerProcess([SERVER]);
    try {
      server.send(call('last', 'count', { to: 3, key: 'last' }), call('release', 'release', { key: 'last' }));
      server.endInput();
      expect(await server.ended()).toEqual({ code: 0, signal: null });
      expect((await server.answer('last')).result).toMatchObject({ content: [{ text: 'counted to 3' }] });
    } finally {
      await server.stop();
    }
  });

  it('[protocol T1] exits with 0 when it was asked nothing', async () => {
    const server = new ServerProcess([SERVER]);
    try {
      server.endInput();
      expect(await server.ended()).toEqual({ code: 0, signal: null });
      expect(server.stdout).toBe('');
    } finally {
      await server.stop();
    }
  });
});
