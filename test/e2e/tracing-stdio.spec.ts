import { PassThrough } from 'node:stream';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { describe, expect, it } from 'vitest';
import { McpServerModule, McpTool, McpTransportAdapter, MonitoringModule } from '../../src/index.js';
import { OtlpReceiver } from '../support/otlp/index.js';
import { ENVELOPE, legacyMessage } from './support/envelope.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const PARENT = `00-${TRACE}-b7ad6b7169203331-01`;

@Injectable()
class Tools {
  @McpTool({ description: 'Answers.' })
  answer(): string {
    return '42';
  }
}

@Module({})
class PipedModule {}

describe('traces over stdio', () => {
  it('[O3] continue from the client in either era, and are sent when its pipe ends', async () => {
    const collector = await OtlpReceiver.start();
    const tracing = { endpoint: collector.url, sampleRate: 0, exportIntervalMs: 600_000 };
    const app = await NestFactory.createApplicationContext(
      {
        module: PipedModule,
        imports: [McpServerModule.forRoot({ name: 'piped', version: '1.2.3' }), MonitoringModule.forRoot({ tracing })],
        providers: [Tools],
      },
      { logger: false },
    );
    const [input, output] = [new PassThrough(), new PassThrough().setEncoding('utf8')];
    const served = app.get(McpTransportAdapter).serveStdio({ input, output });
    let written = '';
    output.on('data', (text: string) => (written += text));
    const params = { name: 'answer', arguments: {}, _meta: { ...ENVELOPE, traceparent: PARENT } };
    input.write(`${JSON.stringify({ jsonrpc: '2.0', id: 'new', method: 'tools/call', params })}\n`);
    await expect.poll(() => written).toContain('"id":"new"');
    const clientInfo = { name: 'raw', version: '0' };
    const initialize = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo };
    input.write(`${JSON.stringify(legacyMessage('initialize', initialize, 'hello'))}\n`);
    await expect.poll(() => written).toContain('"id":"hello"');
    const old = { name: 'answer', arguments: {}, _meta: { traceparent: PARENT } };
    input.end(`${JSON.stringify(legacyMessage('tools/call', old, 'old'))}\n`);
    await served;
    await app.close();
    expect(written).toContain('"id":"old"');
    const expected = {
      name: 'tools/call answer',
      service: 'piped',
      traceId: TRACE,
      parentSpanId: 'b7ad6b7169203331',
      attributes: expect.objectContaining({ 'network.transport': 'pipe', 'rookery.outcome': 'ok' }),
    };
    expect(collector.ofCalls).toMatchObject([expected, expected]);
    expect(collector.spans[0]?.resource).toMatchObject({ 'service.version': '1.2.3' });
    await collector.close();
  });
});
