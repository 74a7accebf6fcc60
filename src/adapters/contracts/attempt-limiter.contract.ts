import type { AttemptLimiter, AttemptLimits, ContractRunner } from '../../core/index.js';

/**
 * What every {@link AttemptLimiter} must do within a minute. `makeLimiter` gives one that has counted nothing for each
 * test; `another`, where a back end is shared, that of another process.
 */
export function describeAttemptLimiter(
  { describe, it, expect }: ContractRunner,
  makeLimiter: (limits: AttemptLimits) => AttemptLimiter | Promise<AttemptLimiter>,
  another?: (limits: AttemptLimits) => AttemptLimiter | Promise<AttemptLimiter>,
): void {
  const LIMITS: AttemptLimits = { maxPerMinute: 3, maxAddresses: 4 };

  const fail = async (limiter: AttemptLimiter, address: string, times: number): Promise<void> => {
    for (let index = 0; index < times; index++) await limiter.failed(address);
  };
  const isHeldUp = async (limiter: AttemptLimiter, address: string): Promise<boolean> => {
    const waitMs = await limiter.waitMs(address);
    expect(Number.isFinite(waitMs) && waitMs >= 0 && waitMs <= 60_000).toBe(true);
    return waitMs > 50_000;
  };

  describe('AttemptLimiter contract', () => {
    it('holds up an address that has failed as often as allowed, and nobody else', async () => {
      const limiter = await makeLimiter(LIMITS);
      await fail(limiter, '192.0.2.1', 2);
      expect(await limiter.waitMs('192.0.2.1')).toBe(0);
      await fail(limiter, '192.0.2.1', 1);
      expect(await isHeldUp(limiter, '192.0.2.1')).toBe(true);
      expect(await limiter.waitMs('192.0.2.2')).toBe(0);
    });

    it('takes the addresses of an IPv6 network for one client, and an IPv4 address in both its forms', async () => {
      const limiter = await makeLimiter(LIMITS);
      for (const address of ['2001:db8::1', '2001:0db8:0:0:ffff::2', '2001:db8:0:0:1:2:3:4%eth0']) {
        await fail(limiter, address, 1);
      }
      expect(await isHeldUp(limiter, '2001:DB8::9')).toBe(true);
      expect(await limiter.waitMs('2001:db8:0:1::1')).toBe(0);
      await fail(limiter, '::ffff:192.0.2.1', 2);
      await fail(limiter, '192.0.2.1', 1);
      expect(await isHeldUp(limiter, '::ffff:192.0.2.1')).toBe(true);
    });

    it('forgets nobody who is held up when the table is flooded, and holds up the flood', async () => {
      const limiter = await makeLimiter(LIMITS);
      for (const last of [1, 2, 3, 4]) await fail(limiter, `192.0.2.${last}`, 3);
      for (let index = 0; index < 50; index++) await fail(limiter, `10.1.${index}.1`, 1);
      for (const last of [1, 2, 3, 4]) expect(await isHeldUp(limiter, `192.0.2.${last}`)).toBe(true);
      expect(await isHeldUp(limiter, '10.1.200.1')).toBe(true);
    });

    it('takes what is no address for a client as well', async () => {
      const limiter = await makeLimiter(LIMITS);
      for (const strange of ['', 'unix:', 'not an address', '::1%', "'; DROP"]) {
        await fail(limiter, strange, 1);
        expect(await limiter.waitMs(strange)).toBe(0);
      }
    });

    if (another !== undefined) {
      it('counts the failures of all processes together', async () => {
        const [here, there] = [await makeLimiter(LIMITS), await another(LIMITS)];
        await fail(here, '192.0.2.1', 2);
        expect(await there.waitMs('192.0.2.1')).toBe(0);
        await fail(there, '192.0.2.1', 1);
        expect(await isHeldUp(here, '192.0.2.1')).toBe(true);
        expect(await isHeldUp(there, '192.0.2.1')).toBe(true);
      });
    }
  });
}
