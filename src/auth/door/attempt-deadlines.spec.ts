import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AttemptDeadlines, Expiring } from './attempt-deadlines.js';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

class Attempt extends Expiring {
  override readonly expire = vi.fn<() => void>();
}

describe('AttemptDeadlines', () => {
  it('tells each when its time is over, and nobody who has ended', () => {
    const deadlines = new AttemptDeadlines(5_000);
    const [first, ended, last] = [new Attempt(), new Attempt(), new Attempt()];
    deadlines.begin(first);
    vi.advanceTimersByTime(1_000);
    deadlines.begin(ended);
    deadlines.begin(last);
    deadlines.end(ended);
    vi.advanceTimersByTime(3_999);
    expect(first.expire).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect([first.expire.mock.calls.length, last.expire.mock.calls.length]).toEqual([1, 0]);
    vi.advanceTimersByTime(1_000);
    expect(last.expire).toHaveBeenCalledOnce();
    expect(ended.expire).not.toHaveBeenCalled();
  });

  it('begins again after everybody has gone', () => {
    const deadlines = new AttemptDeadlines(5_000);
    const [gone, next] = [new Attempt(), new Attempt()];
    deadlines.begin(gone);
    deadlines.end(gone);
    vi.advanceTimersByTime(10_000);
    deadlines.begin(next);
    vi.advanceTimersByTime(5_000);
    expect([gone.expire.mock.calls.length, next.expire.mock.calls.length]).toEqual([0, 1]);
  });
});
