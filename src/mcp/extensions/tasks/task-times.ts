import { InMemoryChangeBus, type ChangeBus } from '../../../core/index.js';

/** Milliseconds: not so short that a process in a long turn of its event loop is taken for dead. */
const SHORTEST_LEASE_MS = 5_000;
const SHORTEST_LOOK_MS = 100;

interface Times {
  readonly pollIntervalMs: number;
}

/** How long a process may be silent before its tasks are given up: 15 s where clients poll every second. */
export function leaseOf({ pollIntervalMs }: Times): number {
  return Math.max(SHORTEST_LEASE_MS, 15 * pollIntervalMs);
}

/**
 * How often a process renews its tasks and looks at what others did to them, in milliseconds: as often as clients poll
 * where changes stay in the process; where a bus carries them, often enough to keep the lease, and for what it has lost.
 */
export function renewEveryMs(times: Times, changes: ChangeBus): number {
  const forTheLease = leaseOf(times) / 5;
  return isLocal(changes) ? Math.min(forTheLease, lookOf(times)) : forTheLease;
}

/** How often tasks are looked at that clients listen to, in milliseconds: a bus that carries changes may lose some. */
export function watchEveryMs(times: Times, changes: ChangeBus): number {
  return isLocal(changes) ? lookOf(times) : leaseOf(times);
}

function isLocal(changes: ChangeBus): boolean {
  return changes instanceof InMemoryChangeBus;
}

function lookOf({ pollIntervalMs }: Times): number {
  return Math.max(SHORTEST_LOOK_MS, pollIntervalMs);
}
