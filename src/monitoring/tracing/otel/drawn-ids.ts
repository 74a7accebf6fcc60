import type { IdGenerator } from '@opentelemetry/sdk-trace-node';
import type { TraceDraw } from '../trace-draw.js';

/** Ids for OpenTelemetry's tracers: of the next trace one that says what was drawn for it, where something was. */
export class DrawnIds implements IdGenerator {
  /** What was drawn for the trace that begins next. */
  next: number | undefined;

  constructor(private readonly draw: TraceDraw) {}

  generateTraceId = (): string => {
    const draw = this.next ?? this.draw.draw();
    this.next = undefined;
    return this.draw.traceId(draw);
  };

  generateSpanId = (): string => this.draw.spanId();
}
