import { describe, expect, it } from 'vitest';
import { InMemoryLlmBudgets } from './in-memory-llm-budgets.js';
import { SlidingDay } from './sliding-day.js';

const HOUR = 3_600_000;
const spent = (tokens: number) => ({ tokens, amount: 0 });

describe('SlidingDay', () => {
  it('[N5] counts what was spent for a day, and then no more', () => {
    const day = new SlidingDay();
    day.begin(spent(5));
    day.settle(spent(5), spent(8), 0);
    day.begin(spent(5));
    day.settle(spent(5), spent(4), 12 * HOUR);

    expect(day.waitMs({ tokensPerDay: 13 }, 12 * HOUR)).toBe(0);
    // The first step is to go: ten minutes long, and a day old.
    expect(day.waitMs({ tokensPerDay: 12 }, 12 * HOUR)).toBe(12 * HOUR + 600_000);
    expect(day.waitMs({ tokensPerDay: 12 }, 25 * HOUR)).toBe(0);
    expect(day.isEmpty(37 * HOUR)).toBe(true);
  });

  it('[N5] takes what requests under way may spend for spent', () => {
    const day = new SlidingDay();
    day.begin(spent(10));
    expect(day.waitMs({ tokensPerDay: 10 }, 0)).toBeGreaterThan(0);
    day.settle(spent(10), spent(1), 0);
    expect(day.waitMs({ tokensPerDay: 10 }, 0)).toBe(0);
  });
});

describe('InMemoryLlmBudgets', () => {
  it('[N5] lets principals beyond its bound share a budget rather than go without', () => {
    const budgets = new InMemoryLlmBudgets(() => 0, 1);
    const begin = (principal: string): boolean => budgets.begin(principal, { tokensPerDay: 10 }, spent(10)).allowed;
    expect([begin('a'), begin('b'), begin('c')]).toEqual([true, true, false]);
  });
});
