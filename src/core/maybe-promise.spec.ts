// oxlint-disable unicorn/no-thenable -- thenables are what this is about
import { describe, expect, it } from 'vitest';
import { adopted, andThen } from './maybe-promise.js';

describe('andThen', () => {
  it('goes on at once with what is there', () => {
    expect(andThen(1, (value) => value + 1)).toBe(2);
  });

  it('waits for what is not', async () => {
    const later = andThen(Promise.resolve(1), (value) => value + 1);
    expect(later).toBeInstanceOf(Promise);
    expect(await later).toBe(2);
  });
});

describe('adopted', () => {
  it.each([[undefined], [null], ['text'], [0], [{ then: 'soon' }]])('leaves %j as it is', (value) => {
    expect(adopted(value)).toBe(value);
  });

  it('leaves a promise as it is', () => {
    const promise = Promise.resolve();
    expect(adopted(promise)).toBe(promise);
  });

  it('makes a promise of what only behaves like one, and takes over how it ends', async () => {
    const query = { then: (succeed: (rows: string[]) => void) => succeed(['row']) };
    const broken = { then: (_succeed: unknown, fail: (error: Error) => void) => fail(new Error('gone')) };
    expect(adopted(query)).toBeInstanceOf(Promise);
    expect(await adopted(query)).toEqual(['row']);
    await expect(adopted(broken)).rejects.toThrow('gone');
  });
});
