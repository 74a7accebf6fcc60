import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { MessageExtraInfo } from '@modelcontextprotocol/sdk/types.js';
import { NoTracer, isObject, type RunningSpan, type SpanOptions, type Tracer } from '../../core/index.js';
import { traceOf } from '../exchange.js';
import { ProtocolError } from '../wire.js';
import { callerOf } from './sdk-exchange.js';

const INITIALIZE = 'initialize';

type Message = Readonly<Record<string, unknown>>;

/**
 * A span for `initialize`, from the message to its answer, in its client's trace. The SDK's server answers it itself, so
 * the dispatcher, which has the spans of all other methods, does not see it. For a transport that is connected.
 */
export function traceInitialize(transport: Transport, tracer: Tracer): void {
  if (tracer instanceof NoTracer) return;
  const receive = transport.onmessage?.bind(transport);
  const send = transport.send.bind(transport);
  const open = new Map<unknown, (answer: Message) => void>();
  const onmessage: Transport['onmessage'] = (message, extra) => {
    if (!('method' in message) || message.method !== INITIALIZE || !('id' in message)) return receive?.(message, extra);
    const answered = (span: RunningSpan): Promise<void> =>
      new Promise((resolve, reject) => {
        open.set(message.id, ({ result }) => {
          if (!isObject(result)) return reject(new ProtocolError(0, 'initialize was refused'));
          span.set({ 'mcp.protocol.version': result['protocolVersion'] as string });
          resolve();
        });
        receive?.(message, extra);
      });
    // The span has what went wrong, and the client is told by the SDK.
    tracer.span(INITIALIZE, optionsOf(message.params, extra), answered).catch(() => undefined);
  };
  const sendAnswer: Transport['send'] = (message, options) => {
    const answer = message as Message;
    if (!('method' in answer)) {
      open.get(answer['id'])?.(answer);
      open.delete(answer['id']);
    }
    return send(message, options);
  };
  Object.assign(transport, { onmessage, send: sendAnswer });
}

function optionsOf(params: unknown, extra: MessageExtraInfo | undefined): SpanOptions {
  const meta = isObject(params) && isObject(params['_meta']) ? params['_meta'] : {};
  const caller = traceOf(meta, extra === undefined ? undefined : callerOf(extra).headers);
  return { kind: 'server', attributes: { 'mcp.method.name': INITIALIZE }, caller };
}
