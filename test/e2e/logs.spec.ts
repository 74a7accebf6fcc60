import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modernMessage } from './support/envelope.js';
import { messageOf, postModern } from './support/http-messages.js';
import { ServerProcess } from './support/server-process.js';

const SERVER = 'dist-test/test/e2e/support/logging-server.js';
const TRACE = 'a'.repeat(32);
const TRACEPARENT = `00-${TRACE}-${'b'.repeat(16)}-01`;
const secret = 'sent-by-the-client';

type Line = Readonly<Record<string, unknown>>;
const linesOf = (text: string): readonly Line[] =>
  text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);

async function call(url: string, name: string, args: object = {}, key = 'ann'): Promise<Record<string, unknown>> {
  const headers = { authorization: `Bearer rk_${key}_aHVudGVyMg_aHVudGVyMg` };
  const { result } = await messageOf(await postModern(url, 'tools/call', { name, arguments: args }, { headers }));
  return result ?? {};
}

async function countsOf(url: string): Promise<Readonly<Record<string, number>>> {
  const { structuredContent, content } = await call(url, 'counts');
  const [block] = content as readonly { readonly text: string }[];
  return (structuredContent ?? JSON.parse(block?.text ?? '{}')) as Record<string, number>;
}

describe('the lines of calls over HTTP', () => {
  let server: ServerProcess;
  let url: string;
  beforeAll(async () => {
    server = new ServerProcess([SERVER]);
    [url = ''] = await server.shows('stdout', /http:\/\/\S+/);
  });
  afterAll(() => server.stop());

  it('[O5] carry whose they are, a handler’s and a library’s, however many calls run at once', async () => {
    const callers = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? 'ann' : 'bob'));
    await Promise.all(callers.map((key) => call(url, 'chatter', { secret }, key)));
    const ends = (): unknown => server.stderr.match(/deep inside[^\n]*\n/g);
    await expect.poll(ends, { timeout: 10_000 }).toHaveLength(callers.length);
    const lines = linesOf(server.stderr).filter(({ target }) => target === 'chatter');
    const calls = grouped(lines);
    expect(calls.size).toBe(20);
    for (const own of calls.values()) {
      expect(own.map(({ context, msg }) => [context, msg])).toEqual([
        ['Team', 'begun'],
        ['Library', 'deep inside'],
      ]);
      expect(new Set(own.map(({ principal }) => principal)).size).toBe(1);
      expect(own).toMatchObject([{ kind: 'tool', password: '***' }, { kind: 'tool' }]);
    }
    expect(lines.filter(({ principal }) => principal === 'bob')).toHaveLength(20);
  });

  it('[O5] say nothing of a call outside of calls', () => {
    const outside = linesOf(server.stderr).find(({ msg }) => msg === 'outside of calls');
    expect(Object.keys(outside ?? {})).toEqual(['level', 'time', 'context', 'msg']);
  });

  it('[O5] carry the trace, never arguments, results or secrets', async () => {
    const headers = { authorization: 'Bearer rk_ann_aHVudGVyMg_aHVudGVyMg' };
    const version = { 'io.modelcontextprotocol/protocolVersion': '2026-07-28' };
    const meta = { ...version, 'io.modelcontextprotocol/clientCapabilities': {}, traceparent: TRACEPARENT };
    await fetch(url, {
      method: 'POST',
      headers: {
        ...headers,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2026-07-28',
        'mcp-method': 'tools/call',
        'mcp-name': 'broken',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: 'broken', arguments: { secret }, _meta: meta },
      }),
    });
    await server.shows('stderr', /a call failed/);
    const failed = linesOf(server.stderr).find(({ msg }) => msg === 'a call failed');
    expect(failed).toMatchObject({ level: 'error', target: 'broken', principal: 'ann', traceId: TRACE });
    expect(failed).toMatchObject({ err: { message: 'no database: postgres://***@db/app' } });
    expect(Object.keys(failed ?? {}).filter((name) => name.startsWith('_'))).toEqual([]);
    for (const hidden of [secret, 'hunter2', 'aHVudGVyMg']) expect(server.stderr).not.toContain(hidden);
  });

  it('[O5] are cut where a handler logs ten megabytes', async () => {
    await call(url, 'flood', { lines: 1, size: 10 * 1024 * 1024 });
    await server.shows('stderr', /\(cut, 10485760 characters\)/);
    const longest = Math.max(...server.stderr.split('\n').map((line) => line.length));
    expect(longest).toBeLessThan(70_000);
  });

  it('[O5] say whose result was too large, though the call has ended', async () => {
    expect(await call(url, 'fill', { size: 33 * 1024 * 1024 })).toMatchObject({ isError: true });
    await server.shows('stderr', /server\.maxResultSize/);
    const line = linesOf(server.stderr).find(({ msg }) => String(msg).includes('server.maxResultSize'));
    expect(line).toMatchObject({ level: 'warn', kind: 'tool', target: 'fill', principal: 'ann' });
    expect(line).toMatchObject({
      callId: expect.any(String) as string,
      method: 'tools/call',
      size: expect.stringMatching(/^346\d{5} bytes$/) as string,
    });
  });

  it('[O5] are counted by level', async () => {
    expect(await countsOf(url)).toMatchObject({
      'rookery_log_lines_total error': 1,
      'rookery_log_lines_total warn': 2,
      'rookery_log_lines_total info': expect.any(Number) as number,
    });
  });
});

describe('lines for people', () => {
  it('[O5] cannot be forged, and carry the same', async () => {
    const server = new ServerProcess([SERVER], { env: { FORMAT: 'pretty' } });
    try {
      const [url] = await server.shows('stdout', /http:\/\/\S+/);
      await call(url, 'say', { text: 'hello\n12:00:00 error [Audit] all gone callId=1\u001b[2J\u009b31m' });
      const [line] = await server.shows('stderr', /^.*hello.*$/m);
      expect(line).toMatch(
        /info {2}\[Team\] hello\\u000a12:00:00 .*\\u001b\[2J\\u009b31m callId=\S+ kind=tool target=say principal=ann$/,
      );
      expect(server.stderr).not.toMatch(/^12:00:00/m);
    } finally {
      await server.stop();
    }
  });
});

describe('the lines of calls over stdio', () => {
  it('[O5] go to stderr, and stdout has the protocol alone', async () => {
    const server = new ServerProcess([SERVER], { env: { TRANSPORT: 'stdio' } });
    try {
      server.send(modernMessage('tools/call', { name: 'chatter', arguments: { secret } }, 'one'));
      expect((await server.answer('one')).result).toBeDefined();
      await server.shows('stderr', /deep inside/);
      const lines = linesOf(server.stderr).filter(({ callId }) => callId !== undefined);
      expect(lines).toMatchObject([
        { msg: 'begun', target: 'chatter', kind: 'tool' },
        { msg: 'deep inside', target: 'chatter', callId: lines[0]?.['callId'] },
      ]);
      expect(lines[0]).not.toHaveProperty('principal');
      for (const line of server.stdout.trim().split('\n')) expect(JSON.parse(line)).toMatchObject({ jsonrpc: '2.0' });
      expect(server.stderr).not.toContain(secret);
    } finally {
      await server.stop();
    }
  });
});

describe('a stderr that takes no lines', () => {
  /** A server whose stderr the test decides about. */
  async function withServer(
    stderr: StdioOptions & (number | 'pipe'),
    work: (url: string, child: ChildProcess) => Promise<void>,
  ) {
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn(process.execPath, [SERVER], { stdio: ['ignore', 'pipe', stderr], env: { PATH, HOME } });
    try {
      const [line] = (await once(createInterface(child.stdout as NodeJS.ReadableStream), 'line')) as [string];
      await work(/http:\/\/\S+/.exec(line)?.[0] ?? '', child);
      expect(child.exitCode).toBeNull();
    } finally {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
  }

  it('[O5] as its reader is gone, costs lines, which are counted, and nothing else', async () => {
    await withServer('pipe', async (url, child) => {
      child.stderr?.destroy();
      expect(await call(url, 'flood', { lines: 50, size: 1_000 })).toMatchObject({ content: [{ text: 'flooded' }] });
      const counts = await countsOf(url);
      expect(counts['rookery_log_dropped_total failed']).toBeGreaterThanOrEqual(50);
    });
  });

  it('[O5] as its disk is full, costs lines, which are counted, and nothing else', async () => {
    const full = openSync('/dev/full', 'w');
    try {
      await withServer(full as never, async (url) => {
        expect(await call(url, 'flood', { lines: 50, size: 1_000 })).toMatchObject({ content: [{ text: 'flooded' }] });
        const counts = await countsOf(url);
        expect(counts['rookery_log_dropped_total failed']).toBeGreaterThanOrEqual(50);
      });
    } finally {
      closeSync(full);
    }
  });

  it('[O5] as nobody reads it, fills no memory, and says later what was lost', async () => {
    await withServer('pipe', async (url, child) => {
      const before = (await countsOf(url))['rss'] ?? 0;
      for (let round = 0; round < 10; round++) await call(url, 'flood', { lines: 500, size: 16_000 });
      const counts = await countsOf(url);
      // 80 MB were logged.
      expect(counts['rookery_log_dropped_total slow']).toBeGreaterThan(4_000);
      expect((counts['rss'] ?? Infinity) - before).toBeLessThan(60_000_000);
      let text = '';
      child.stderr?.setEncoding('utf8').on('data', (part: string) => (text += part));
      for (let tries = 0; tries < 100 && !text.includes('log lines were lost'); tries++)
        await call(url, 'say', { text: 'x' });
      expect(linesOf(text).find(({ context }) => context === 'Logger')).toMatchObject({ level: 'warn' });
    });
  });
});

function grouped(lines: readonly Line[]): Map<unknown, Line[]> {
  const groups = new Map<unknown, Line[]>();
  for (const line of lines) groups.set(line['callId'], [...(groups.get(line['callId']) ?? []), line]);
  return groups;
}
