import { NoTracer, type SpanOptions, type Tracer } from '../core/index.js';
import type { Method } from './method.js';

/**
 * A method in a span of its own, which continues the client's trace. What has none stays what it is, as everything does
 * where nothing is traced: then no request pays for this.
 */
export function tracedMethod(method: Method, tracer: Tracer): Method {
  if (method.traced !== true || tracer instanceof NoTracer) return method;
  const { name } = method;
  const attributes = { 'mcp.method.name': name };
  return {
    ...method,
    handle: (params, exchange, id) => {
      const options: SpanOptions = { kind: 'server', attributes, caller: exchange.trace };
      return tracer.span(name, options, (span) => {
        const parts = method.handle(params, exchange, id);
        if (span.recorded) span.set({ 'mcp.protocol.version': exchange.wire.protocolVersion });
        return parts;
      });
    },
  };
}
