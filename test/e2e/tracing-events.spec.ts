import { setTimeout } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { afterEach, describe, expect, it } from 'vitest';
import { Tracer } from '../../src/core/index.js';
import { McpTool, MonitoringModule } from '../../src/index.js';
import { createTestServer } from '../../src/testing/index.js';
import { OtlpReceiver } from '../support/otlp/index.js';

/** OpenTelemetry's limit of events of a span. */
const KEPT = 128;

@Injectable()
class EventfulTools {
  constructor(private readonly tracer: Tracer) {}

  @McpTool({ description: 'Notes that something happened, and asks for its trace in between.' })
  eventful(): string {
    for (let index = 0; index < 2; index++) this.tracer.event('noted', { index });
    const { traceId } = this.tracer;
    this.tracer.event('noted', { index: 2 });
    return traceId ?? 'none';
  }

  @McpTool({ description: 'Notes that something happened, 200 times.' })
  crowded(): string {
    for (let index = 0; index < 200; index++) this.tracer.event('noted', { index });
    return 'done';
  }

  @McpTool({ description: 'Goes on after it has answered.' })
  later(): string {
    void setTimeout(50).then(() => {
      this.tracer.event('too late');
      return this.tracer.span('afterwards', {}, () => undefined);
    });
    return 'soon';
  }
}

describe('the span of a call', () => {
  const opened: { close(): Promise<unknown> }[] = [];
  const called = async (name: string, id = 'ada'): Promise<{ text: string; collector: OtlpReceiver }> => {
    const collector = await OtlpReceiver.start();
    opened.push(collector);
    const tracing = { endpoint: collector.url, exportIntervalMs: 20, sampleRate: 1 };
    const server = await createTestServer({
      imports: [MonitoringModule.forRoot({ tracing })],
      providers: [EventfulTools],
      principal: { id, roles: [], permissions: [], attributes: {} },
    });
    opened.push(server);
    const { content } = await server.client.callTool({ name, arguments: {} });
    return { text: (content[0] as { text: string }).text, collector };
  };
  afterEach(async () => {
    for (const one of opened.splice(0).toReversed()) await one.close();
  });

  it('[O3] has what was noted before somebody asked for it, and after', async () => {
    const { text, collector } = await called('eventful');
    const { events, traceId } = await collector.span('tools/call eventful');
    expect(traceId).toBe(text);
    expect(events).toEqual([0, 1, 2].map((index) => ({ name: 'noted', attributes: { index } })));
  });

  it('[O3] keeps as many of the last events as OpenTelemetry does', async () => {
    const { collector } = await called('crowded');
    const { events } = await collector.span('tools/call crowded');
    const last = Array.from({ length: KEPT }, (_, index) => 200 - KEPT + index);
    expect(events.map(({ attributes }) => attributes['index'])).toEqual(last);
  });

  it.each(['crowded', 'later'])(
    '[O3] has texts of bounded length, whether it was asked for or not: %s',
    async (name) => {
      const { collector } = await called(name, 'a'.repeat(5_000));
      const { attributes } = await collector.span(`tools/call ${name}`);
      expect(attributes['enduser.id']).toBe('a'.repeat(4_096));
    },
  );

  it('[O3] is the parent of what the call does after its answer, and hears nothing of it', async () => {
    const { collector } = await called('later');
    const [ended, afterwards] = [await collector.span('tools/call later'), await collector.span('afterwards')];
    expect(afterwards).toMatchObject({ traceId: ended.traceId, parentSpanId: ended.spanId });
    expect(ended.events).toEqual([]);
  });
});
