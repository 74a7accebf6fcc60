import type { ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace-node';
import { isObject } from '../../../core/index.js';
import type { SpanCounts } from '../span-counts.js';

type Done = Parameters<SpanExporter['export']>[1];
type ResultCode = Parameters<Done>[0]['code'];

/** OpenTelemetry's `ExportResultCode`, whose package is not one of ours. */
const SUCCESS = 0 as unknown as ResultCode;
const FAILED = 1 as unknown as ResultCode;

/** Longer than this after its time an exporter may not take to say that its time is up. */
const GRACE_MS = 250;

/**
 * Knows of every span what became of it. It stands in front of OpenTelemetry's batches, which drop without a word, and
 * between them and the exporter, whose answer it waits for no longer than it may take.
 */
export class CountedExport implements SpanProcessor, SpanExporter {
  #waiting = 0;
  #sending = 0;
  #closed = false;
  #batches: SpanProcessor | undefined;

  constructor(
    private readonly exporter: SpanExporter,
    private readonly counts: SpanCounts,
    private readonly limits: { readonly queueSize: number; readonly timeoutMs: number },
  ) {}

  /** @param batches - what hands batches of spans to this */
  collectIn(batches: SpanProcessor): this {
    this.#batches = batches;
    return this;
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    if (this.#closed || this.#waiting >= this.limits.queueSize) return this.counts.dropped(1);
    this.#waiting++;
    this.#batches?.onEnd(span);
  }

  export(spans: ReadableSpan[], done: Done): void {
    this.#waiting -= spans.length;
    this.#sending += spans.length;
    let settled = false;
    const settle: Done = (result) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      this.#sending -= spans.length;
      if (result.code === SUCCESS) this.counts.exported(spans.length);
      else if (!this.#closed) this.counts.failed(spans.length, reasonOf(result.error));
      done(result);
    };
    const late = (): void => settle({ code: FAILED, error: new Error('no answer in time') });
    const timer = setTimeout(late, this.limits.timeoutMs + GRACE_MS).unref();
    try {
      this.exporter.export(spans, settle);
    } catch (error) {
      settle({ code: FAILED, error: error as Error });
    }
  }

  async forceFlush(): Promise<void> {
    await this.#batches?.forceFlush();
  }

  /** Of the whole is told by {@link close}; of the exporter by the batches, when they have flushed. */
  async shutdown(): Promise<void> {
    await this.exporter.shutdown();
  }

  /** Sends what waits, for so many milliseconds at most; what is left then is dropped. */
  async close(patienceMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, patienceMs)));
    // What goes wrong is counted where a batch fails.
    const flushed = (this.#batches?.shutdown() ?? Promise.resolve()).catch(() => undefined);
    await Promise.race([flushed, patience]);
    clearTimeout(timer);
    this.#closed = true;
    this.counts.dropped(this.#waiting + this.#sending);
  }
}

/** Of an error only its code or status: a collector's answer may repeat what it was sent. */
function reasonOf(error: unknown): string {
  if (!isObject(error)) return 'unknown';
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  if (typeof code === 'number') return `HTTP status ${code}`;
  if (typeof code === 'string') return code;
  return message === 'no answer in time' || message === 'Request timed out' ? 'no answer in time' : 'not taken';
}
