import { describe, expect, it } from 'vitest';
import { TickShape } from './tick-shape.js';

describe('TickShape', () => {
  it('keeps an object that has all that the next ticks have', async () => {
    const shape = new TickShape();
    expect(shape.kept).toBeUndefined();
    await new Promise<void>((resolve) => process.nextTick(resolve));
    const later = new TickShape();
    await new Promise<void>((resolve) => process.nextTick(resolve));
    expect(Reflect.ownKeys(shape.kept ?? {})).toEqual(Reflect.ownKeys(later.kept ?? {}));
    expect(shape.kept).toHaveProperty('callback', expect.any(Function));
    expect(shape.kept).not.toBe(later.kept);
  });
});
