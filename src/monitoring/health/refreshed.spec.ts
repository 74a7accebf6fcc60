import { describe, expect, it } from 'vitest';
import { Refreshed } from './refreshed.js';

describe('Refreshed', () => {
  it('finds out once for all who ask meanwhile, and again when it is over', async () => {
    let now = 0;
    let found = 0;
    const refreshed = new Refreshed(
      () => Promise.resolve(++found),
      100,
      () => now,
    );
    expect(await Promise.all([refreshed.get(), refreshed.get()])).toEqual([1, 1]);
    now = 99;
    expect(await refreshed.get()).toBe(1);
    now = 100;
    expect(await refreshed.get()).toBe(2);
  });

  it('shares a run even when nothing holds', async () => {
    let found = 0;
    const refreshed = new Refreshed(
      () => Promise.resolve(++found),
      0,
      () => 0,
    );
    expect(await Promise.all([refreshed.get(), refreshed.get()])).toEqual([1, 1]);
    expect(await refreshed.get()).toBe(2);
  });

  it('does not keep a failure', async () => {
    const answers = [() => Promise.reject(new Error('not yet')), () => Promise.resolve('there')];
    const refreshed = new Refreshed(
      () => answers.shift()!(),
      100,
      () => 0,
    );
    await expect(refreshed.get()).rejects.toThrow('not yet');
    expect(await refreshed.get()).toBe('there');
  });
});
