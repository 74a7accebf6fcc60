import { Logger } from '@nestjs/common';
import { HealthDegradedError, type HealthDetails, type HealthProbe, type Telemetry } from '../../core/index.js';

/** What becomes of spans; and the check `tracing`, which is degraded while the collector takes none. */
export class SpanCounts implements HealthProbe {
  readonly name = 'tracing';
  readonly critical = false;
  readonly #logger = new Logger('Tracing');
  readonly #exported;
  readonly #failed;
  readonly #dropped;
  readonly #counts = { exported: 0, failed: 0, dropped: 0 };
  #trouble: string | undefined;

  /** @param collector - its address, for people */
  constructor(
    telemetry: Telemetry,
    private readonly collector: string,
  ) {
    const spans = telemetry.counter({
      name: 'rookery_trace_spans_total',
      help: 'Spans that were recorded: taken by the collector, not taken by it, or dropped as too many waited.',
      labels: ['result'],
    });
    this.#exported = spans.bind({ result: 'exported' });
    this.#failed = spans.bind({ result: 'failed' });
    this.#dropped = spans.bind({ result: 'dropped' });
  }

  exported(spans: number): void {
    this.#exported.add(spans);
    this.#counts.exported += spans;
    if (this.#trouble !== undefined) this.#logger.log({ msg: 'traces are taken again', collector: this.collector });
    this.#trouble = undefined;
  }

  /** @param reason - without anything secret: a code or a status */
  failed(spans: number, reason: string): void {
    this.#failed.add(spans);
    this.#counts.failed += spans;
    if (this.#trouble === undefined) {
      this.#logger.warn({ msg: 'traces are not taken', collector: this.collector, reason });
    }
    this.#trouble = reason;
  }

  dropped(spans: number): void {
    if (spans === 0) return;
    this.#dropped.add(spans);
    this.#counts.dropped += spans;
  }

  /** @throws HealthDegradedError saying why the last spans were not taken */
  check(): HealthDetails {
    const details = { collector: this.collector, spans: { ...this.#counts } };
    if (this.#trouble === undefined) return details;
    throw new HealthDegradedError(
      `The collector at ${this.collector} does not take traces: ${this.#trouble}. Calls are not affected.`,
      details,
    );
  }
}
