import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { AttemptDeadlines } from './attempt-deadlines.js';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('AttemptDeadlines', () => {
  it('tells each when its time is over, and nobody who has ended', () => {
    const deadlines = new AttemptDeadlines(5_000);
    const [first, ended, last] = [vi.fn<() => void>(), vi.fn<() => void>(), vi.fn<() => void>()].map((expire) => ({
      expire,
    }));
    deadlines.begin(first!);
    vi.advanceTimersByTime(1_000);
    deadlines.begin(ended!);
    deadlines.begin(last!);
    deadlines.end(ended!);
    vi.advanceTimersByTime(3_999);
    expect(first!.expire).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect([first!.expire.mock.calls.length, last!.expire.mock.calls.length]).toEqual([1, 0]);
    vi.advanceTimersByTime(1_000);
    expect(last!.expire).toHaveBeenCalledOnce();
    expect(ended!.expire).not.toHaveBeenCalled();
  });

  it('begins again after everybody has gone', () => {
    const deadlines = new AttemptDeadlines(5_000);
    const [gone, next] = [vi.fn<() => void>(), vi.fn<() => void>()].map((expire) => ({ expire }));
    deadlines.begin(gone!);
    deadlines.end(gone!);
    vi.advanceTimersByTime(10_000);
    deadlines.begin(next!);
    vi.advanceTimersByTime(5_000);
    expect([gone!.expire.mock.calls.length, next!.expire.mock.calls.length]).toEqual([0, 1]);
  });
});
