import { stat } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { answeredWithin } from './answered-within.js';

const late = (): Error => new Error('late');

/** Lets nobody else run. */
function standStill(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

describe('answeredWithin', () => {
  it('settles as the answer does', async () => {
    expect(await answeredWithin(Promise.resolve(1), 50, late)).toBe(1);
    await expect(answeredWithin(Promise.reject(new Error('broken')), 50, late)).rejects.toThrow('broken');
  });

  it('rejects when there is no answer in time, and not before', async () => {
    const begun = performance.now();
    await expect(answeredWithin(new Promise(() => undefined), 40, late)).rejects.toThrow('late');
    expect(performance.now() - begun).toBeGreaterThanOrEqual(38);
  });

  it('hears what came while the process stood still', async () => {
    const answer = answeredWithin(stat(import.meta.filename), 200, late);
    standStill(400);
    expect((await answer).size).toBeGreaterThan(0);
  });
});
