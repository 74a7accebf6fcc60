import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { modernHeaders, modernMessage, toolCall } from './support/envelope.js';
import { connectTo, send, type RawResponse } from './support/raw-http.js';
import { ServerProcess } from './support/server-process.js';

const SERVER = 'dist-test/test/e2e/support/http-server.js';

/** The fixture in a process of its own. */
class Running {
  readonly process: ServerProcess;
  url = '';

  constructor(env: Readonly<Record<string, string>> = {}) {
    this.process = new ServerProcess([SERVER], { env });
  }

  async started(): Promise<void> {
    [, this.url = ''] = await this.process.shows('stdout', /listening on (\S+)/);
  }

  get(path: string): Promise<RawResponse> {
    return send(new URL(path, this.url).href, { method: 'GET' });
  }

  list(): Promise<RawResponse> {
    const body = JSON.stringify(modernMessage('tools/list'));
    return send(this.url, { headers: modernHeaders('tools/list'), body });
  }

  call(tool: string, args: object): Promise<RawResponse> {
    return send(this.url, toolCall(tool, args));
  }

  /** Resolves when the server has begun to drain. */
  async draining(): Promise<void> {
    while ((await this.get('/health/ready')).status !== 503) await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('health', () => {
  const running = new Running();
  beforeAll(() => running.started());
  afterAll(() => running.process.stop());

  it.each(['/health/live', '/health/ready'])('is 200 at %s', async (path) => {
    expect(await running.get(path)).toMatchObject({ status: 200, json: { status: 'ok' } });
  });
});

describe('a server that is told to stop while a call is open', () => {
  const running = new Running();
  let held: Promise<RawResponse>;
  beforeAll(async () => {
    await running.started();
    held = running.call('hold', { key: 'open' });
    await running.call('await_moment', { key: 'open', moment: 'begun' });
    running.process.signal('SIGTERM');
    await running.draining();
  });
  afterAll(() => running.process.stop());

  it('lives, but is not ready', async () => {
    expect(await running.get('/health/live')).toMatchObject({ status: 200 });
    expect(await running.get('/health/ready')).toMatchObject({ status: 503 });
  });

  it('takes no call more: 503, and the connection is not to be used again', async () => {
    expect(await running.list()).toMatchObject({ status: 503, headers: { connection: 'close' } });
  });

  it('answers the open call, waits for no silent connection and exits with 0', async () => {
    const silent = await connectTo(running.url);
    silent.on('error', () => undefined);
    await send(new URL('/release/open', running.url).href);
    expect(await held).toMatchObject({ status: 200, json: { result: { content: [{ text: 'released' }] } } });
    expect(await running.process.ended()).toEqual({ code: 0, signal: null });
  });
});

describe('a server that is told to stop while a call does not end', () => {
  const running = new Running({ GRACE_MS: '100' });
  beforeAll(() => running.started());
  afterAll(() => running.process.stop());

  it('aborts the call, still answers it, says so in the log and exits with 0', async () => {
    const held = running.call('hold', { key: 'endless' });
    await running.call('await_moment', { key: 'endless', moment: 'begun' });
    running.process.signal('SIGTERM');
    expect(await held).toMatchObject({
      status: 200,
      json: { result: { isError: true, _meta: { 'rookery/code': 'cancelled' } } },
    });
    expect(await running.process.ended()).toEqual({ code: 0, signal: null });
    expect(running.process.stderr).toContain('server.shutdownGraceMs');
  });
});
