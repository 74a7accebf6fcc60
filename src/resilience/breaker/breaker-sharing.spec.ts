import { describe, expect, it } from 'vitest';
import { InMemoryTelemetry } from '../../core/index.js';
import { BreakerSharing } from './breaker-sharing.js';
import { InMemorySharedBreakers } from './in-memory-shared-breakers.js';
import type { SharedBreakerState } from './shared-breakers.js';

const MOST = 10_000;

const open = (name: string, version = 1): SharedBreakerState => ({
  name,
  version,
  period: 1,
  state: 'open',
  faults: 0,
  remainingMs: 60_000,
});

describe('breakers that this process has only heard of', () => {
  it('[R3] are kept up to a number, those that it knows first, and more when some have closed', () => {
    const sharing = new BreakerSharing(new InMemorySharedBreakers(), new InMemoryTelemetry());
    for (let index = 0; index < MOST + 10; index++) sharing.changed(open(`breaker ${index}`));
    expect(sharing.strangers()).toHaveLength(MOST);

    sharing.changed({ ...open('breaker 7', 2), remainingMs: 1_000 });
    expect(sharing.strangers().find(({ name }) => name === 'breaker 7')?.version).toBe(2);

    sharing.changed({ ...open('breaker 0', 2), state: 'closed' });
    sharing.changed(open('late'));
    const names = sharing.strangers().map(({ name }) => name);
    expect(names).toHaveLength(MOST);
    expect(names).toContain('late');
    expect(names).not.toContain('breaker 0');
  });

  it('[R3] are open when they are made here, and no strangers any more', () => {
    const sharing = new BreakerSharing(new InMemorySharedBreakers(), new InMemoryTelemetry());
    sharing.changed(open('search'));
    const breaker = sharing.make('search', { failureThreshold: 1, timeoutMs: 60_000, halfOpenMaxCalls: 1 });
    expect(breaker.state).toBe('open');
    expect(sharing.strangers()).toEqual([]);
  });
});
