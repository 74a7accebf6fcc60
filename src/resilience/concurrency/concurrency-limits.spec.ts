import { Logger } from '@nestjs/common';
import { beforeAll, describe, expect, it } from 'vitest';
import { InMemoryTelemetry } from '../../core/index.js';
import { DeadlineWheel } from '../deadlines/deadline-wheel.js';
import { resilienceOptions } from '../resilience.options.js';
import { targetOf } from '../testing-calls.js';
import { ConcurrencyLimits, type TargetConcurrency } from './concurrency-limits.js';
import { InMemorySlotStore, SlotTable } from './in-memory-slot-store.js';
import { settled } from './testing-slots.js';

beforeAll(() => Logger.overrideLogger(false));

class AwaySlotStore extends InMemorySlotStore {
  override claim(): Promise<never> {
    return Promise.reject(new Error('The store is away.'));
  }
}

class Process {
  readonly telemetry = new InMemoryTelemetry();
  readonly limits: ConcurrencyLimits;

  constructor(store?: InMemorySlotStore) {
    const options = resilienceOptions.parse({ limits: { maxConcurrency: 3 } });
    this.limits = new ConcurrencyLimits(new DeadlineWheel(), options, this.telemetry, store);
  }

  of(max: number): TargetConcurrency {
    return this.limits.of(targetOf({ policy: { maxConcurrency: max } })) as TargetConcurrency;
  }

  /** Whether so many calls get in. */
  async enter({ limit }: TargetConcurrency, calls: number): Promise<void> {
    for (let call = 0; call < calls; call++) if (!limit.tryEnter()) limit.wait();
    await settled();
  }
}

describe('ConcurrencyLimits with shared slots', () => {
  it('[R6] hold over processes for a target, and for each process on everything', async () => {
    const table = new SlotTable();
    const [a, b] = [new Process(new InMemorySlotStore(table, 'a')), new Process(new InMemorySlotStore(table, 'b'))];
    for (const process of [a, b]) {
      await process.enter(process.of(2), 3);
      await process.enter(process.limits.all, 4);
    }
    expect([a.of(2).limit.running, b.of(2).limit.running]).toEqual([2, 0]);
    expect([a.limits.all.limit.running, b.limits.all.limit.running]).toEqual([3, 3]);
    expect(a.limits.status()).toEqual([
      { name: 'all', max: 3, running: 3, queued: 1 },
      { name: 'tool:search', max: 2, running: 2, queued: 1, leased: 2, alone: false },
    ]);
  });

  it('count what a target has that is declared anew with another limit', async () => {
    const table = new SlotTable();
    const [a, b] = [new Process(new InMemorySlotStore(table, 'a')), new Process(new InMemorySlotStore(table, 'b'))];
    await a.enter(a.of(2), 2);
    await a.enter(a.of(3), 3);
    await b.enter(b.of(3), 1);
    expect([a.of(3).limit.running, b.of(3).limit.running]).toEqual([1, 0]);
  });

  it('give everything back before the application ends', async () => {
    const table = new SlotTable();
    const process = new Process(new InMemorySlotStore(table, 'a'));
    await process.enter(process.of(2), 2);
    process.of(2).limit.leave();
    process.of(2).limit.leave();
    await process.limits.beforeApplicationShutdown();
    const all = { name: 'tool:search', part: 0, max: 2, held: 0, wanted: 2 };
    expect(table.claim('another', all)).toEqual({ granted: 2, keep: 2 });
  });

  it('count the calls that a process lets in without its store', async () => {
    const process = new Process(new AwaySlotStore(new SlotTable(), 'a'));
    await process.enter(process.of(2), 3);
    expect(process.limits.status()[1]).toMatchObject({ running: 2, queued: 1, alone: true });
    const counted = process.telemetry.samples().find(({ name }) => name === 'rookery_slots_local_total');
    expect(counted?.value).toBe(2);
  });

  it('share nothing without a store', async () => {
    const process = new Process();
    await process.enter(process.of(2), 3);
    expect(process.limits.status()[1]).toEqual({ name: 'tool:search', max: 2, running: 2, queued: 1 });
    await process.limits.beforeApplicationShutdown();
    expect(process.telemetry.samples().map(({ name }) => name)).not.toContain('rookery_slots_local_total');
  });
});
