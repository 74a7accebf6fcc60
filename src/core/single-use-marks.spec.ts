import { describe, expect, it } from 'vitest';
import { InMemorySingleUseMarks } from './single-use-marks.js';

describe('InMemorySingleUseMarks', () => {
  it('give a mark to one claim only, also of many at once', async () => {
    const marks = new InMemorySingleUseMarks();
    const claims = await Promise.all(Array.from({ length: 10 }, () => marks.claim('a', 1_000)));
    expect(claims.filter(Boolean)).toHaveLength(1);
    expect(await marks.claim('b', 1_000)).toBe(true);
  });

  it('free a mark when its time is over, and not before', async () => {
    let now = 0;
    const marks = new InMemorySingleUseMarks(() => now);
    await marks.claim('a', 1_000);
    now = 999;
    expect(await marks.claim('a', 1_000)).toBe(false);
    now = 1_000;
    expect(await marks.claim('a', 1_000)).toBe(true);
    expect(await marks.claim('a', 1_000)).toBe(false);
  });

  it('free a mark that was released', async () => {
    const marks = new InMemorySingleUseMarks();
    await marks.claim('a', 1_000);
    await marks.release('a');
    expect(await marks.claim('a', 1_000)).toBe(true);
  });
});
