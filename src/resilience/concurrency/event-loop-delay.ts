import type { IntervalHistogram } from 'node:perf_hooks';

/** How often the loop is expected to come by; its delay is what comes on top. */
const RESOLUTION_MS = 20;
/** How long a reading holds. */
const SAMPLE_MS = 500;
const NS_PER_MS = 1_000_000;

/** What the sampler reads, in nanoseconds. */
export type DelayHistogram = Pick<IntervalHistogram, 'enable' | 'disable' | 'reset' | 'mean' | 'count'>;

/**
 * The time between two visits of the event loop. The histogram of `perf_hooks` would do, but it forgets the pause during
 * which it is reset: of long pauses in a row, which is what overload looks like, it may see none.
 */
class LoopGaps implements DelayHistogram {
  count = 0;
  #totalMs = 0;
  #last = 0;
  #timer: NodeJS.Timeout | undefined;

  get mean(): number {
    return this.count === 0 ? 0 : (this.#totalMs / this.count) * NS_PER_MS;
  }

  enable(): boolean {
    this.#last = performance.now();
    this.#timer = setInterval(() => this.#visit(), RESOLUTION_MS).unref();
    return true;
  }

  disable(): boolean {
    clearInterval(this.#timer);
    return true;
  }

  reset(): void {
    this.count = 0;
    this.#totalMs = 0;
  }

  #visit(): void {
    const now = performance.now();
    this.#totalMs += now - this.#last;
    this.#last = now;
    this.count++;
  }
}

/**
 * How late the event loop comes by, as a mean over half a second: what says that the process has more to do than it can.
 * One long pause of a loop that is idle otherwise hardly moves it. The first half second is that of a start, whose pauses
 * say nothing of calls.
 */
export class EventLoopDelay {
  #delayMs = 0;
  #started = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly histogram: DelayHistogram = new LoopGaps()) {}

  /** Milliseconds, as last sampled; 0 until {@link start}. */
  get delayMs(): number {
    return this.#delayMs;
  }

  start(): void {
    if (this.#timer !== undefined) return;
    this.histogram.enable();
    // After all timers of the turn, those that measure among them.
    this.#timer = setInterval(() => setImmediate(() => this.#due()), SAMPLE_MS).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.histogram.disable();
    this.#started = false;
    this.#delayMs = 0;
  }

  #due(): void {
    if (this.#timer === undefined) return;
    if (this.#started) this.sample();
    else this.histogram.reset();
    this.#started = true;
  }

  /** Reads and begins anew. For the timer. */
  sample(): void {
    const { mean, count } = this.histogram;
    this.#delayMs = count === 0 ? 0 : Math.max(0, mean / NS_PER_MS - RESOLUTION_MS);
    this.histogram.reset();
  }
}
