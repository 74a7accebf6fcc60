import { Injectable } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { McpTool, McpTransportAdapter, type Call } from '../../src/index.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';
import { FixturesModule } from '../conformance/fixtures/fixtures.module.js';
import { AdapterPipe } from './support/adapter-pipe.js';
import { Gates } from './support/gates.js';
import type { RawMessage } from './support/http-messages.js';
import { RunningTools } from './support/running.tools.js';

const ALL = { elicitation: {}, sampling: {}, roots: {} };
const NAME = z.object({ name: z.string() });

/** Says what became of a question. */
@Injectable()
class Interviewer {
  @McpTool({ description: 'Asks for a name.' })
  async interview(_input: object, call: Call): Promise<string> {
    try {
      return JSON.stringify(await call.elicit({ message: 'Your name?', schema: NAME }));
    } catch (error) {
      return `failed: ${(error as Error).message}`;
    }
  }
}

const start = (adapter: 'native' | 'sdk'): Promise<TestServer> =>
  createTestServer({
    imports: [FixturesModule],
    providers: [Gates, RunningTools, Interviewer],
    server: { adapter },
    era: '2025-11-25',
  });
const call = (id: number, name: string, args: object = {}, more: object = {}): object => ({
  id,
  method: 'tools/call',
  params: { name, arguments: args, ...more },
});

async function open(server: TestServer, capabilities: object = {}): Promise<AdapterPipe> {
  const pipe = new AdapterPipe(server.app.get(McpTransportAdapter));
  const clientInfo = { name: 'raw', version: '1' };
  const params = { protocolVersion: '2025-11-25', capabilities, clientInfo };
  pipe.send({ id: 0, method: 'initialize', params }, { method: 'notifications/initialized' });
  await pipe.next();
  return pipe;
}

describe.each(['native', 'sdk'] as const)('a question on a pipe, on the wire of %s', (adapter) => {
  let server: TestServer;
  let pipe: AdapterPipe;

  beforeAll(async () => {
    server = await start(adapter);
    pipe = await open(server, ALL);
  });
  afterAll(async () => {
    await pipe.close();
    await server.close();
  });

  async function interview(id: number, answer: object): Promise<string> {
    pipe.send(call(id, 'interview'));
    let message = await pipe.next();
    for (; message?.method === 'elicitation/create'; message = await pipe.next())
      pipe.send({ id: message.id, ...answer });
    const [{ text = '' } = {}] = (message?.result?.['content'] ?? []) as { readonly text?: string }[];
    return text;
  }

  it.each([
    ['the answer', { result: { action: 'accept', content: { name: 'Ada' } } }, /^{"action":"accept".*"Ada"/],
    ['a refusal', { result: { action: 'decline' } }, /^{"action":"decline"}$/],
    ['an answer in another form, three times', { result: { action: 'accept', content: {} } }, /do not have the form/],
    ['an error', { error: { code: -1, message: 'no' } }, /^failed: The client refused: .*no$/],
  ])('brings %s to the tool', async (_what, answer, expected) => {
    expect(await interview(1, answer)).toMatch(expected);
  });
});

describe('the wire of the SDK on a pipe', () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await start('sdk');
  });
  afterAll(() => server.close());

  it('[protocol T1] answers what it was asked before the client closed its end', async () => {
    const pipe = await open(server);
    pipe.send(call(1, 'count', { to: 1, key: 'last' }), call(2, 'release', { key: 'last' }));
    await pipe.close();
    const answers = new Set([(await pipe.next())?.id, (await pipe.next())?.id]);
    expect(answers).toEqual(new Set([1, 2]));
    expect(await pipe.next()).toBeUndefined();
  });

  it('tells of changed lists and subscribed resources', async () => {
    const pipe = await open(server);
    const uri = 'test://watched-resource';
    pipe.send({ id: 1, method: 'resources/subscribe', params: { uri } });
    await pipe.next();
    server.server.notifyResourceUpdated('test://static-text');
    server.server.notifyResourceUpdated(uri);
    expect(await pipe.next()).toMatchObject({ method: 'notifications/resources/updated', params: { uri } });
    await server.server.registerTool({ name: 'new_one', description: 'New.' }, () => 'new');
    expect(await pipe.next()).toMatchObject({ method: 'notifications/tools/list_changed' });
    await pipe.close();
    server.server.removeTool('new_one');
  });

  it('[protocol F14] reports progress before the answer, never going back', async () => {
    const pipe = await open(server);
    pipe.send(
      call(1, 'count', { to: 3, key: 'p' }, { _meta: { progressToken: 'p' } }),
      call(2, 'release', { key: 'p' }),
    );
    const steps: unknown[] = [];
    let message: RawMessage | undefined;
    while ((message = await pipe.next())?.id !== 1) {
      if (message?.method === 'notifications/progress') steps.push(message.params?.['progress']);
    }
    expect(steps).toEqual([1, 2, 3]);
    await pipe.close();
  });
});
