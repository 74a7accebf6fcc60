import { Injectable, InternalServerErrorException, NotFoundException, type LoggerService } from '@nestjs/common';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { RookeryLogger, ToolError } from '../core/index.js';
import { createTestServer, type TestServer } from '../testing/index.js';
import { McpPrompt, McpResource, McpTool } from './decorators.js';

const SECRET = 'hunter2';
const leaky = (): Error => new Error(`connect to db with password=${SECRET} failed at /srv/app/secret.ts`);
const cycle: Record<string, unknown> = {};
cycle['self'] = cycle;

/** What a tool does that is named after it. */
const failures: Readonly<Record<string, () => unknown>> = {
  error: () => {
    throw leaky();
  },
  rejection: () => Promise.reject(leaky()),
  text: () => Promise.reject(leaky().message),
  object: () => Promise.reject({ password: SECRET }),
  nothing: () => Promise.reject(undefined),
  fault500: () => Promise.reject(new InternalServerErrorException(leaky().message)),
  hidden: () => Promise.reject(new TypeError('outer', { cause: leaky() })),
};

@Injectable()
class Failing {
  @McpTool({ description: 'Fails as expected.' })
  expected(): never {
    throw new ToolError('There is no city "Bernn"; did you mean "Bern"?', { suggestion: 'Bern' }, { cause: leaky() });
  }

  @McpTool({ description: 'Fails as Nest teams do.' })
  notFound(): never {
    throw new NotFoundException('There is no city "Bernn".', { cause: leaky() });
  }

  @McpTool({ description: 'Breaks its own promise.', outputSchema: z.object({ total: z.literal(1) }) })
  promise(): unknown {
    return { total: SECRET, path: '/srv/app/secret.ts' };
  }

  @McpResource({ description: 'Fails.', uri: 'fail://one' })
  resource(): never {
    throw leaky();
  }

  @McpPrompt({ description: 'Fails.' })
  prompt(): never {
    throw leaky();
  }
}

let lines = '';
const logger: LoggerService = new RookeryLogger({
  level: 'warn',
  format: 'json',
  destination: { write: (line) => (lines += line) },
});

describe.each(['memory', 'http'] as const)('over %s', (transport) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await createTestServer({ providers: [Failing], transport, logger });
    for (const [name, run] of Object.entries(failures))
      await server.server.registerTool({ name, description: name }, run);
  });
  beforeEach(() => (lines = ''));
  afterAll(() => server.close());

  const correlationOf = (answer: unknown): string =>
    /Correlation id: ([\da-f-]{36})/.exec(JSON.stringify(answer))?.[1] ?? '';

  function expectNothingSaid(answer: unknown): void {
    expect(JSON.stringify(answer)).not.toMatch(/hunter2|password|srv|\.ts|at \w+ |TypeError|outer/);
  }

  it('[S7] a tool that fails as expected tells the model how to do better, and its cause to the log only', async () => {
    const answer = await server.client.callTool({ name: 'expected' });
    expect(answer).toMatchObject({
      isError: true,
      content: [{ type: 'text', text: 'There is no city "Bernn"; did you mean "Bern"?' }],
      _meta: { 'rookery/code': 'tool_error', suggestion: 'Bern' },
    });
    expectNothingSaid(answer);
    expect(lines).toContain('connect to db');
  });

  it('[S7] a tool that fails with an HttpException below 500 tells its message', async () => {
    const answer = await server.client.callTool({ name: 'not_found' });
    expect(answer).toMatchObject({ isError: true, content: [{ text: 'There is no city "Bernn".' }] });
    expectNothingSaid(answer);
  });

  it.each(Object.keys(failures))(
    '[S7] a tool that breaks (%s) tells a correlation id that is in the log',
    async (name) => {
      const answer = await server.client.callTool({ name });
      const id = correlationOf(answer);
      expect(answer).toMatchObject({
        isError: true,
        content: [{ type: 'text', text: `Internal error. Correlation id: ${id}` }],
        _meta: { 'rookery/code': 'internal', correlationId: id },
      });
      expectNothingSaid(answer);
      expect(lines).toContain(`"callId":"${id}"`);
      expect(lines).not.toContain(SECRET);
    },
  );

  it('[S5, S7] a result that breaks its schema is told by a correlation id, and by its paths in the log', async () => {
    const answer = await server.client.callTool({ name: 'promise' });
    expectNothingSaid(answer);
    expect(answer).toMatchObject({ isError: true, _meta: { 'rookery/code': 'internal' } });
    const line = JSON.parse(lines) as object;
    expect(line).toMatchObject({ callId: correlationOf(answer), target: 'promise', paths: 'total' });
    expect(lines).not.toContain(SECRET);
  });

  it.each<[string, (server: TestServer) => Promise<unknown>]>([
    ['resource', ({ client }) => client.readResource({ uri: 'fail://one' })],
    ['prompt', ({ client }) => client.getPrompt({ name: 'prompt' })],
  ])('[S7] a %s that breaks tells a correlation id that is in the log', async (_what, call) => {
    const error = (await call(server).catch((thrown: unknown) => thrown)) as Error & { code: number; data: object };
    const answer = { code: error.code, message: error.message, data: error.data };
    expect(answer).toMatchObject({ code: -32603, data: { code: 'internal', correlationId: correlationOf(answer) } });
    expectNothingSaid(answer);
    expect(lines).toContain(correlationOf(answer));
  });

  it.each([
    ['a bigint', 1n],
    ['a cycle', cycle],
    ['a value whose toJSON throws', { toJSON: () => expect.unreachable(SECRET) }],
  ])('[S7] a result that JSON cannot say tells a correlation id that is in the log: %s', async (_what, value) => {
    await server.server.registerTool({ name: 'unsayable', description: 'No JSON.' }, () => value);
    const answer = await server.client.callTool({ name: 'unsayable' });
    server.server.removeTool('unsayable');
    expect(answer).toMatchObject({ isError: true, _meta: { 'rookery/code': 'internal' } });
    expect(lines).toContain(`"callId":"${correlationOf(answer)}"`);
    expect(JSON.stringify(answer)).not.toContain(SECRET);
  });
});
