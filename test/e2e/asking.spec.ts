import { Client } from '@modelcontextprotocol/client';
import { Injectable } from '@nestjs/common';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { McpTool, type Call } from '../../src/index.js';
import { createTestServer, type TestEra, type TestServer, type TestTransport } from '../../src/testing/index.js';

const NAME = z.object({ name: z.string().min(2) });

/** Counts what it does, so that a test sees whether something was done again. */
@Injectable()
class AskingTools {
  effects = 0;
  runs = 0;

  @McpTool({ description: 'Asks for a name, then for a color, with an effect before each.' })
  async interview(_input: object, call: Call): Promise<string> {
    this.runs++;
    const ticket = await call.once('ticket', () => ++this.effects);
    const first = await call.elicit({ key: 'name', message: 'Your name?', schema: NAME });
    if (first.action !== 'accept') return `ticket ${ticket}: ${first.action}`;
    await call.once('note', () => void this.effects++);
    const second = await call.elicit({ message: 'Your color?', schema: z.object({ color: z.enum(['red', 'blue']) }) });
    return `ticket ${ticket}: ${first.content.name} likes ${second.action === 'accept' ? second.content.color : 'none'}`;
  }

  @McpTool({ description: 'Asks three things at once.' })
  async everything(_input: object, call: Call): Promise<string> {
    const message = { role: 'user', content: { type: 'text', text: 'Hello?' } } as const;
    const [name, model, roots] = await Promise.all([
      call.elicit({ message: 'Your name?', schema: NAME }),
      call.sample({ messages: [message], maxTokens: 10 }),
      call.listRoots(),
    ]);
    return JSON.stringify([name.action, model.model, roots.map(({ uri }) => uri)]);
  }

  @McpTool({ description: 'Asks something else each time.' })
  async fickle(_input: object, call: Call): Promise<string> {
    const { action } = await call.elicit({ key: `question-${this.runs++}`, message: 'Well?', schema: NAME });
    return action;
  }

  @McpTool({ description: 'Sends the user to a page.' })
  async consent(_input: object, call: Call): Promise<string> {
    return (await call.elicitUrl({ message: 'Please allow it.', url: 'https://example.com/consent' })).action;
  }
}

type Answer = { action: 'accept'; content: Record<string, string> } | { action: 'decline' };

interface Asked {
  readonly server: TestServer;
  readonly client: Client;
  readonly tools: AskingTools;
}

const open: Asked[] = [];

afterEach(async () => {
  for (const { client, server } of open.splice(0)) {
    await client.close();
    await server.close();
  }
});

/** A server, and a client that answers by the message of the question. */
async function ask(
  era: TestEra,
  transport: TestTransport,
  answers: Record<string, Answer[]>,
  can = true,
): Promise<Asked> {
  const server = await createTestServer({ providers: [AskingTools], era, transport });
  const capabilities = can ? { elicitation: { form: {}, url: {} }, sampling: {}, roots: {} } : {};
  const mode = era === '2026-07-28' ? { pin: era } : ('legacy' as const);
  const client = new Client({ name: 'asked', version: '1' }, { capabilities, versionNegotiation: { mode } });
  if (can) {
    client.setRequestHandler('elicitation/create', ({ params }) => {
      if ('url' in params) return { action: 'accept' as const };
      const queue = answers[params.message] ?? [];
      return (queue.length > 1 ? queue.shift() : queue[0]) ?? { action: 'cancel' as const };
    });
    client.setRequestHandler('sampling/createMessage', () => ({
      role: 'assistant' as const,
      model: 'test-model',
      content: { type: 'text' as const, text: 'Hi.' },
    }));
    client.setRequestHandler('roots/list', () => ({ roots: [{ uri: 'file:///work' }] }));
  }
  await client.connect(server.newTransport());
  const asked = { server, client, tools: server.app.get(AskingTools) };
  open.push(asked);
  return asked;
}

const accept = (content: Record<string, string>): Answer => ({ action: 'accept', content });
const MATRIX: readonly (readonly [TestEra, TestTransport])[] = [
  ['2026-07-28', 'memory'],
  ['2026-07-28', 'http'],
  ['2025-11-25', 'memory'],
  ['2025-11-25', 'http'],
];

describe.each(MATRIX)('[protocol F10] a tool that asks a client of %s over %s', (era, transport) => {
  const text = (result: unknown): unknown => (result as { content: { text: string }[] }).content[0]?.text;

  it('gets answers in turn, and runs each effect once', async () => {
    const { client, tools } = await ask(era, transport, {
      'Your name?': [accept({ name: 'Ada' })],
      'Your color?': [accept({ color: 'blue' })],
    });
    expect(text(await client.callTool({ name: 'interview' }))).toBe('ticket 1: Ada likes blue');
    expect(tools.effects).toBe(2);
  });

  it('hears of a refusal', async () => {
    const { client } = await ask(era, transport, { 'Your name?': [{ action: 'decline' }] });
    expect(text(await client.callTool({ name: 'interview' }))).toBe('ticket 1: decline');
  });

  it('asks again after an answer that breaks the form', async () => {
    const { client } = await ask(era, transport, {
      'Your name?': [accept({ name: 'A' }), accept({ name: 'Ada' })],
      'Your color?': [accept({ color: 'green' }), accept({ color: 'red' })],
    });
    expect(text(await client.callTool({ name: 'interview' }))).toBe('ticket 1: Ada likes red');
  });

  it('asks a user, a model and for roots together', async () => {
    const { client } = await ask(era, transport, { 'Your name?': [accept({ name: 'Ada' })] });
    expect(text(await client.callTool({ name: 'everything' }))).toBe('["accept","test-model",["file:///work"]]');
  });

  it('sends the user to a page', async () => {
    const { client } = await ask(era, transport, {});
    expect(text(await client.callTool({ name: 'consent' }))).toBe('accept');
  });

  it('is told of a capability that the client lacks', async () => {
    const { client } = await ask(era, transport, {}, false);
    const failure = client.callTool({ name: 'interview' });
    if (era === '2026-07-28') await expect(failure).rejects.toMatchObject({ code: -32021 });
    else await expect(failure).resolves.toMatchObject({ isError: true });
  });
});

describe('[protocol F10] a tool that is replayed', () => {
  it('is an internal error when it asks otherwise than before', async () => {
    const { client, tools } = await ask('2026-07-28', 'memory', { 'Well?': [accept({ name: 'Ada' })] });
    const { isError, content } = await client.callTool({ name: 'fickle' });
    expect(isError).toBe(true);
    expect(JSON.stringify(content)).toContain('Internal error. Correlation id:');
    expect(tools.runs).toBe(2);
  });
});
