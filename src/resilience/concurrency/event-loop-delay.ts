import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';

/** How often the loop is expected to come by; its delay is what comes on top. */
const RESOLUTION_MS = 20;
/** How long a reading holds. */
const SAMPLE_MS = 500;
const NS_PER_MS = 1_000_000;

/** What the sampler reads; `perf_hooks` gives it. */
export type DelayHistogram = Pick<IntervalHistogram, 'enable' | 'disable' | 'reset' | 'mean' | 'count'>;

/**
 * How late the event loop comes by, as a mean over half a second: what says that the process has more to do than it can.
 * One long pause of a loop that is idle otherwise hardly moves it.
 */
export class EventLoopDelay {
  #delayMs = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly histogram: DelayHistogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })) {}

  /** Milliseconds, as last sampled; 0 until {@link start}. */
  get delayMs(): number {
    return this.#delayMs;
  }

  start(): void {
    if (this.#timer !== undefined) return;
    this.histogram.enable();
    this.#timer = setInterval(() => this.sample(), SAMPLE_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.histogram.disable();
    this.#delayMs = 0;
  }

  /** Reads and begins anew. For the timer. */
  sample(): void {
    const { mean, count } = this.histogram;
    this.#delayMs = count === 0 ? 0 : Math.max(0, mean / NS_PER_MS - RESOLUTION_MS);
    this.histogram.reset();
  }
}
