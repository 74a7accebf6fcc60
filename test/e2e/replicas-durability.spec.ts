import { once } from 'node:events';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { CallObserver, CallObservers, RookeryError, type Call, type Outcome } from '../../src/core/index.js';
import { InMemoryTransport, McpTool } from '../../src/index.js';
import { createTestServer, type TestServer } from '../../src/testing/index.js';

const META = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientCapabilities': { extensions: { 'io.modelcontextprotocol/tasks': {} } },
};

type Fields = Readonly<Record<string, unknown>>;

async function ask(server: TestServer, method: string, params: object): Promise<Fields> {
  const transport = server.app.get(InMemoryTransport).connect();
  await transport.start();
  const answer = new Promise<{ readonly result?: Fields }>((resolve) => {
    Object.assign(transport, { onmessage: resolve });
  });
  await transport.send({ jsonrpc: '2.0', id: 1, method, params: { ...params, _meta: META } });
  const { result = {} } = await answer;
  await transport.close();
  return result;
}

/** Stands for a strict audit trail: records the ends of tasks, and says when they are durable. */
@Injectable()
class Trail extends CallObserver implements OnModuleInit {
  readonly recorded: string[] = [];
  settle: (durable: boolean) => void = () => undefined;
  refuse = false;

  constructor(private readonly observers: CallObservers) {
    super();
  }

  onModuleInit(): void {
    this.observers.add(this);
  }

  override start(call: Call): void {
    if (this.refuse && call.kind === 'task') throw new RookeryError('overloaded', 'No trail.');
  }

  override async run(call: Call, next: () => Promise<Outcome>): Promise<Outcome> {
    const outcome = await next();
    if (call.kind !== 'task') return outcome;
    const durable = new Promise<boolean>((resolve) => (this.settle = resolve));
    this.recorded.push(outcome.code);
    if (await durable) return outcome;
    throw new RookeryError('overloaded', 'Withheld.');
  }
}

@Injectable()
class WorkTools {
  begun = 0;

  @McpTool({ description: 'Works.', task: 'required' })
  work(): string {
    return 'done';
  }

  @McpTool({ description: 'Works until it is stopped.', task: 'required' })
  async endless(_input: object, { signal }: Call): Promise<never> {
    this.begun++;
    if (!signal.aborted) await once(signal, 'abort');
    throw signal.reason;
  }
}

async function serve(): Promise<{ readonly server: TestServer; readonly trail: Trail; readonly tools: WorkTools }> {
  const server = await createTestServer({ providers: [Trail, WorkTools] });
  return { server, trail: server.app.get(Trail), tools: server.app.get(WorkTools) };
}

const start = async (server: TestServer, name: string): Promise<object> => {
  const { taskId } = await ask(server, 'tools/call', { name, arguments: {} });
  return { taskId };
};

describe('[A9] the end of a task', () => {
  it('is seen when its record is durable, and not before', async () => {
    const { server, trail } = await serve();
    const task = await start(server, 'work');
    await expect.poll(() => trail.recorded).toEqual(['ok']);
    expect(await ask(server, 'tasks/get', task)).toMatchObject({ status: 'working' });
    trail.settle(true);
    await expect
      .poll(() => ask(server, 'tasks/get', task))
      .toMatchObject({
        status: 'completed',
        result: { content: [{ text: 'done' }] },
      });
    await server.close();
  });

  it('is withheld when its record could not be made durable', async () => {
    const { server, trail } = await serve();
    const task = await start(server, 'work');
    await expect.poll(() => trail.recorded).toEqual(['ok']);
    trail.settle(false);
    await expect
      .poll(() => ask(server, 'tasks/get', task))
      .toMatchObject({
        status: 'completed',
        result: { isError: true, content: [{ text: 'Withheld.' }], _meta: { 'rookery/code': 'overloaded' } },
      });
    await server.close();
  });

  it('comes at once when an observer refuses it: the handler does not begin', async () => {
    const { server, trail, tools } = await serve();
    trail.refuse = true;
    const task = await start(server, 'endless');
    await expect
      .poll(() => ask(server, 'tasks/get', task))
      .toMatchObject({
        status: 'completed',
        result: { isError: true, content: [{ text: 'No trail.' }] },
      });
    expect(tools.begun).toBe(0);
    await server.close();
  });
});
