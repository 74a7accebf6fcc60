import { describe, expect, it, vi } from 'vitest';
import { Slots } from './slots.js';

const forever = async (): Promise<never> => await new Promise(() => undefined);

describe('Slots', () => {
  it('runs so many at once, and the others in order', async () => {
    const slots = new Slots({ concurrency: 1, maxQueue: 5, maxWaitMs: 1_000 });
    const ran: number[] = [];
    await Promise.all([1, 2, 3].map(async (n) => await slots.run(async () => void ran.push(n))));
    expect(ran).toEqual([1, 2, 3]);
    expect([slots.running, slots.waiting]).toEqual([0, 0]);
  });

  it('frees a slot when the work fails', async () => {
    const slots = new Slots({ concurrency: 1, maxQueue: 0, maxWaitMs: 1_000 });
    await expect(slots.run(async () => await Promise.reject(new Error('own')))).rejects.toThrow('own');
    expect(await slots.run(async () => await Promise.resolve(1))).toBe(1);
  });

  it('refuses one more than may wait', async () => {
    const slots = new Slots({ concurrency: 1, maxQueue: 0, maxWaitMs: 1_000 });
    void slots.run(forever);
    await expect(slots.run(forever)).rejects.toMatchObject({ code: 'overloaded' });
  });

  it('gives up waiting after its time', async () => {
    vi.useFakeTimers();
    try {
      const slots = new Slots({ concurrency: 1, maxQueue: 1, maxWaitMs: 1_000 });
      void slots.run(forever);
      const refused = slots.run(forever).catch((error: unknown) => error);
      await vi.advanceTimersByTimeAsync(1_000);
      expect(await refused).toMatchObject({ code: 'overloaded' });
      expect(slots.waiting).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('gives up waiting when nobody wants it', async () => {
    const slots = new Slots({ concurrency: 1, maxQueue: 1, maxWaitMs: 1_000 });
    void slots.run(forever);
    const controller = new AbortController();
    const waiting = slots.run(forever, controller.signal);
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
    expect(slots.waiting).toBe(0);
  });
});
