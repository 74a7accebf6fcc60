import { describe, expect, it } from 'vitest';
import { InMemoryTelemetry } from '../../core/index.js';
import { InMemoryTokenStore } from './in-memory-token-store.js';
import { AuthorizationServerError } from './oauth-errors.js';
import { TokenRefresher } from './token-refresher.js';
import { TokenSealer } from './token-sealer.js';
import type { TokenSet } from './token-set.js';
import { TokenVault } from './token-vault.js';

const HOUR_MS = 3_600_000;
const ALICE = 'id:alice';

/** Processes with one store and one clock, which moves when somebody sleeps. */
class World {
  now = 1_000_000;
  readonly store = new InMemoryTokenStore(10, () => this.now);
  readonly sealer = new TokenSealer([]);
  readonly vault = new TokenVault({ client: 'crm', store: this.store, sealer: this.sealer, retentionDays: 90 });
  readonly telemetry = new InMemoryTelemetry();
  readonly asked: string[] = [];

  tokens(number: number, rest: Partial<TokenSet> = {}): TokenSet {
    return {
      accessToken: `access ${number}`,
      refreshToken: `refresh ${number}`,
      scopes: ['read'],
      obtainedAt: this.now,
      expiresAt: this.now + HOUR_MS,
      ...rest,
    };
  }

  process(refresh: (refreshToken: string) => Promise<TokenSet>): TokenRefresher {
    return new TokenRefresher({
      client: 'crm',
      vault: this.vault,
      refresh: (refreshToken) => {
        this.asked.push(refreshToken);
        return refresh(refreshToken);
      },
      skewMs: 60_000,
      timeoutMs: 10_000,
      telemetry: this.telemetry,
      now: () => this.now,
      sleep: async (ms) => {
        this.now += ms;
      },
    });
  }
}

const unreachable = () => new AuthorizationServerError('crm', 'unreachable', 'cannot be reached');
const invalidGrant = () => new AuthorizationServerError('crm', 'refused', 'refused refresh_token', 'invalid_grant');

describe('TokenRefresher', () => {
  it('waits for a process that is at it, and takes over from one that died', async () => {
    const world = new World();
    const tokens = world.tokens(1, { expiresAt: world.now, refreshingUntil: world.now + 25_000 });
    await world.vault.write(ALICE, tokens);
    const startedAt = world.now;
    const fresh = await world.process(async () => world.tokens(2)).fresh(ALICE);
    expect(fresh?.accessToken).toBe('access 2');
    expect(world.now - startedAt).toBeGreaterThanOrEqual(25_000);
    expect(world.asked).toEqual(['refresh 1']);
  });

  it('uses what another process wrote meanwhile', async () => {
    const world = new World();
    await world.vault.write(ALICE, world.tokens(1, { expiresAt: world.now, refreshingUntil: world.now + 25_000 }));
    const refresher = world.process(() => Promise.reject(new Error('nobody should be asked')));
    const fresh = refresher.fresh(ALICE);
    await world.vault.replace(ALICE, world.tokens(2));
    expect((await fresh)?.accessToken).toBe('access 2');
  });

  it('does not drop the tokens of another process when its own turn was too late', async () => {
    const world = new World();
    await world.vault.write(ALICE, world.tokens(1, { expiresAt: world.now }));
    const slow = world.process(async () => {
      await world.vault.replace(ALICE, world.tokens(2));
      throw invalidGrant();
    });
    expect((await slow.fresh(ALICE))?.accessToken).toBe('access 2');
    expect((await world.vault.read(ALICE))?.tokens.refreshToken).toBe('refresh 2');
  });

  it('lets the next caller try at once after a failure', async () => {
    const world = new World();
    await world.vault.write(ALICE, world.tokens(1, { expiresAt: world.now }));
    let up = false;
    const refresher = world.process(async () => {
      if (!up) throw unreachable();
      return world.tokens(2);
    });
    await expect(refresher.fresh(ALICE)).rejects.toThrow('cannot be reached');
    const failedAt = world.now;
    up = true;
    expect((await refresher.fresh(ALICE))?.accessToken).toBe('access 2');
    expect(world.now).toBe(failedAt);
    expect(world.asked).toEqual(['refresh 1', 'refresh 1', 'refresh 1']);
  });

  it('asks a second time at once only when there is time left', async () => {
    const world = new World();
    await world.vault.write(ALICE, world.tokens(1, { expiresAt: world.now }));
    const refresher = world.process(async () => {
      world.now += 10_000;
      throw unreachable();
    });
    await expect(refresher.fresh(ALICE)).rejects.toThrow('cannot be reached');
    expect(world.asked).toEqual(['refresh 1']);
  });

  it('keeps the tokens when the server refuses the client itself', async () => {
    const world = new World();
    await world.vault.write(ALICE, world.tokens(1, { expiresAt: world.now }));
    const refused = new AuthorizationServerError('crm', 'refused', 'refused', 'invalid_client');
    await expect(world.process(() => Promise.reject(refused)).fresh(ALICE)).rejects.toBe(refused);
    expect((await world.vault.read(ALICE))?.tokens.refreshToken).toBe('refresh 1');
  });

  it('hands out tokens that the store could not keep, and counts it', async () => {
    const world = new World();
    await world.vault.write(ALICE, world.tokens(1, { expiresAt: world.now }));
    const refresher = world.process(async () => {
      world.store.put = () => Promise.reject(new Error('the disk is full'));
      return world.tokens(2);
    });
    expect((await refresher.fresh(ALICE))?.accessToken).toBe('access 2');
    const [sample] = world.telemetry.samples();
    expect([sample?.name, sample?.value]).toEqual(['rookery_oauth_tokens_not_kept_total', 1]);
  });

  it('refreshes a short-lived token in the last fifth of its life', async () => {
    const world = new World();
    await world.vault.write(ALICE, world.tokens(1, { expiresAt: world.now + 50_000 }));
    const refresher = world.process(async () => world.tokens(2));
    expect((await refresher.fresh(ALICE))?.accessToken).toBe('access 1');
    world.now += 40_001;
    expect((await refresher.fresh(ALICE))?.accessToken).toBe('access 2');
  });
});
