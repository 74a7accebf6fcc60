import { describe, expect, it } from 'vitest';
import { Cooldown } from './cooldown.js';

describe('Cooldown', () => {
  it('[R3] lets nobody through while it rests, then one, and all once that one has succeeded', () => {
    let now = 0;
    const cooldown = new Cooldown(1_000, () => now);
    expect([cooldown.enter(), cooldown.failed(), cooldown.failed(), cooldown.enter()]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    now = 999;
    expect(cooldown.enter()).toBe(false);
    now = 1_000;
    expect([cooldown.enter(), cooldown.enter()]).toEqual([true, false]);
    expect([cooldown.succeeded(), cooldown.resting, cooldown.enter(), cooldown.enter()]).toEqual([
      true,
      false,
      true,
      true,
    ]);
  });

  it('[R3] rests again when the one fails, and tries again when it is never heard of', () => {
    let now = 0;
    const cooldown = new Cooldown(1_000, () => now);
    cooldown.failed();
    now = 1_000;
    cooldown.enter();
    now = 1_500;
    cooldown.failed();
    now = 2_499;
    expect(cooldown.enter()).toBe(false);
    now = 2_500;
    expect(cooldown.enter()).toBe(true);
    now = 3_500;
    expect(cooldown.enter()).toBe(true);
  });
});
