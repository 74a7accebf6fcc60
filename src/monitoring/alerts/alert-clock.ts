import { setTimeout as later } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';

/** Time and chance for alerts. Tests put their own in its place. */
@Injectable()
export class AlertClock {
  /** Milliseconds that only go forward, for windows and durations. */
  elapsed(): number {
    return performance.now();
  }

  /** Milliseconds since the epoch, for people and silences. */
  now(): number {
    return Date.now();
  }

  /** At least 0, less than 1. */
  random(): number {
    return Math.random();
  }

  /** Rejects when the signal aborts. */
  async sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    await later(milliseconds, undefined, { signal, ref: false });
  }

  /** Does something in an interval, until the returned function is called. */
  every(milliseconds: number, work: () => void): () => void {
    const timer = setInterval(work, milliseconds).unref();
    return () => clearInterval(timer);
  }
}
