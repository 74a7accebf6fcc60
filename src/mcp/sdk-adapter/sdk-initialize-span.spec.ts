import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, it } from 'vitest';
import { NoTracer, Tracer, type RunningSpan, type SpanAttributes, type SpanOptions } from '../../core/index.js';
import { traceInitialize } from './sdk-initialize-span.js';

interface Recorded {
  readonly name: string;
  readonly options: SpanOptions;
  readonly facts: SpanAttributes[];
  end: 'open' | 'ended' | 'failed';
}

class RecordingTracer extends Tracer {
  readonly spans: Recorded[] = [];
  override readonly traceId = undefined;

  override span<T>(name: string, options: SpanOptions, work: (span: RunningSpan) => T): T {
    const span: Recorded = { name, options, facts: [], end: 'open' };
    this.spans.push(span);
    const result = work({ recorded: true, set: (facts) => void span.facts.push(facts) });
    Promise.resolve(result).then(
      () => (span.end = 'ended'),
      () => (span.end = 'failed'),
    );
    return result;
  }

  override event(): void {}

  override inject(): void {}

  override begin(): undefined {
    return undefined;
  }
}

/** A server of the SDK's, and what it answers. */
async function answersOf(tracer: Tracer, messages: readonly object[]): Promise<readonly JSONRPCMessage[]> {
  const server = new Server({ name: 'test', version: '0' }, { capabilities: {} });
  const [mine, its] = InMemoryTransport.createLinkedPair();
  const answers: JSONRPCMessage[] = [];
  await server.connect(its);
  traceInitialize(its, tracer);
  await mine.start();
  for (const message of messages) {
    const answered = new Promise<void>((resolve) => {
      const onmessage = (answer: JSONRPCMessage): void => {
        answers.push(answer);
        resolve();
      };
      Object.assign(mine, { onmessage });
    });
    await mine.send({ jsonrpc: '2.0', ...message } as JSONRPCMessage);
    await answered;
  }
  return answers;
}

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const params = {
  protocolVersion: '2025-11-25',
  capabilities: {},
  clientInfo: { name: 'x', version: '1' },
  _meta: { traceparent },
};

describe('the span of an initialize that the SDK answers', () => {
  it('[O3] lasts to its answer, in the trace that its `_meta` names; other methods have none here', async () => {
    const tracer = new RecordingTracer();
    const answers = await answersOf(tracer, [
      { id: 1, method: 'initialize', params },
      { id: 2, method: 'ping' },
    ]);
    expect(answers).toMatchObject([
      { id: 1, result: { protocolVersion: '2025-11-25' } },
      { id: 2, result: {} },
    ]);
    expect(tracer.spans).toMatchObject([
      { name: 'initialize', facts: [{ 'mcp.protocol.version': '2025-11-25' }], end: 'ended' },
    ]);
    expect(tracer.spans[0]?.options).toMatchObject({ kind: 'server', caller: { traceparent } });
  });

  it('[O3] fails when it is refused, and says nothing of what was sent', async () => {
    const tracer = new RecordingTracer();
    const answers = await answersOf(tracer, [{ id: 1, method: 'initialize', params: { secret: 'hunter2' } }]);
    expect(answers).toMatchObject([{ id: 1, error: {} }]);
    expect(tracer.spans).toMatchObject([{ name: 'initialize', end: 'failed' }]);
    expect(JSON.stringify(tracer.spans)).not.toContain('hunter2');
  });

  it('leaves a transport alone where nothing is traced', async () => {
    const [, its] = InMemoryTransport.createLinkedPair();
    traceInitialize(its, new NoTracer());
    expect(Object.hasOwn(its, 'send')).toBe(false);
    expect(await answersOf(new NoTracer(), [{ id: 1, method: 'initialize', params }])).toHaveLength(1);
  });
});
