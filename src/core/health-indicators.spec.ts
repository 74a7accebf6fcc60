import { describe, expect, it } from 'vitest';
import { HealthIndicators } from './health-indicators.js';

const check = (): void => undefined;

describe('HealthIndicators', () => {
  it('has what was added, until it is removed', () => {
    const indicators = new HealthIndicators();
    const remove = indicators.add({ name: 'store', check });
    indicators.add({ name: 'redis', check });
    expect(indicators.all().map(({ name }) => name)).toEqual(['store', 'redis']);
    remove();
    expect(indicators.all().map(({ name }) => name)).toEqual(['redis']);
  });

  it('removes only what it was returned for', () => {
    const indicators = new HealthIndicators();
    const remove = indicators.add({ name: 'store', check });
    remove();
    indicators.add({ name: 'store', check });
    remove();
    expect(indicators.all()).toHaveLength(1);
  });

  it('refuses a second check of a name', () => {
    const indicators = new HealthIndicators();
    indicators.add({ name: 'store', check });
    expect(() => indicators.add({ name: 'store', check })).toThrow('two health checks named "store"');
  });
});
