import { describe, expect, it } from 'vitest';
import { Turn } from './turn.js';

describe('Turn', () => {
  it('is given to one after the other, in the order in which they came', async () => {
    const turn = new Turn();
    const order: number[] = [];
    const takers = [1, 2, 3].map(async (taker) => {
      const done = await turn.take(1_000);
      order.push(taker);
      await Promise.resolve();
      order.push(-taker);
      done();
    });
    await Promise.all(takers);
    expect(order).toEqual([1, -1, 2, -2, 3, -3]);
  });

  it('passes over who has waited for too long', async () => {
    const turn = new Turn();
    const done = await turn.take(1_000);
    await expect(turn.take(5)).rejects.toThrow(/busy for 5 ms/);
    const next = turn.take(1_000);
    done();
    (await next)();
    (await turn.take(1_000))();
  });
});
