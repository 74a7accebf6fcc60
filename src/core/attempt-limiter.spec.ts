import { describe, expect, it } from 'vitest';
import { InMemoryAttemptLimiter } from './attempt-limiter.js';

function limiter({ maxPerMinute = 3, maxAddresses = 4 } = {}) {
  const clock = { now: 1_000_000 };
  const limits = new InMemoryAttemptLimiter({ maxPerMinute, maxAddresses }, () => clock.now, 7);
  const fail = (address: string, times = 1) => {
    for (let index = 0; index < times; index++) limits.failed(address);
  };
  return { limits, clock, fail };
}

describe('InMemoryAttemptLimiter', () => {
  it('lets an address fail as often as allowed, and then wait for the rest of the minute', () => {
    const { limits, clock, fail } = limiter();
    fail('192.0.2.1', 2);
    expect(limits.waitMs('192.0.2.1')).toBe(0);
    clock.now += 10_000;
    fail('192.0.2.1');
    expect(limits.waitMs('192.0.2.1')).toBe(50_000);
    clock.now += 49_999;
    expect(limits.waitMs('192.0.2.1')).toBe(1);
    clock.now += 1;
    expect(limits.waitMs('192.0.2.1')).toBe(0);
  });

  it('slides: one more failure is let through for each that is a minute old', () => {
    const { limits, clock, fail } = limiter();
    for (let index = 0; index < 3; index++) {
      fail('192.0.2.1');
      clock.now += 20_000;
    }
    expect(limits.waitMs('192.0.2.1')).toBe(0);
    fail('192.0.2.1');
    expect(limits.waitMs('192.0.2.1')).toBe(20_000);
  });

  it('does not hold up others', () => {
    const { limits, fail } = limiter();
    fail('192.0.2.1', 3);
    expect(limits.waitMs('192.0.2.2')).toBe(0);
  });

  it('takes the addresses of one IPv6 network for one client, and an IPv4 address in both its forms', () => {
    const { limits, fail } = limiter();
    fail('2001:db8::1');
    fail('2001:0db8:0:0:ffff::2');
    fail('2001:db8:0:0:1:2:3:4');
    expect(limits.waitMs('2001:db8::9')).toBe(60_000);
    expect(limits.waitMs('2001:db8:0:1::1')).toBe(0);
    fail('::ffff:192.0.2.1', 2);
    fail('192.0.2.1');
    expect(limits.waitMs('::ffff:192.0.2.1')).toBe(60_000);
  });

  it('stays bounded, forgets nobody who is held up, and lets the flood through nowhere', () => {
    const { limits, fail } = limiter();
    for (const last of [1, 2, 3, 4]) fail(`192.0.2.${last}`, 3);
    for (let index = 0; index < 5_000; index++) fail(`10.${index % 250}.${index % 7}.1`);
    expect(limits.size).toBeLessThanOrEqual(4 + 1024);
    for (const last of [1, 2, 3, 4]) expect(limits.waitMs(`192.0.2.${last}`)).toBe(60_000);
    expect(limits.waitMs('10.3.200.200')).toBe(60_000);
  });

  it('with a full table holds up nobody whose network has not failed', () => {
    const { limits, fail } = limiter();
    for (const last of [1, 2, 3, 4]) fail(`192.0.2.${last}`, 3);
    fail('10.1.1.1', 3);
    expect(limits.waitMs('10.1.9.9')).toBe(60_000);
    expect(limits.waitMs('172.16.0.1')).toBe(0);
  });

  it('counts one by one again when the minute of the flood is over', () => {
    const { limits, clock, fail } = limiter();
    for (const last of [1, 2, 3, 4]) fail(`192.0.2.${last}`, 3);
    fail('10.1.1.1', 3);
    clock.now += 60_000;
    expect(limits.waitMs('10.1.9.9')).toBe(0);
    fail('10.1.1.1');
    expect(limits.size).toBe(1);
  });

  it('does not let a client whose failures age refill the table by failing on', () => {
    const { limits, clock, fail } = limiter({ maxPerMinute: 2, maxAddresses: 1 });
    fail('192.0.2.1', 2);
    clock.now += 59_999;
    fail('192.0.2.1', 5);
    expect(limits.waitMs('192.0.2.1')).toBe(60_000);
    expect(limits.size).toBe(1);
  });
});
