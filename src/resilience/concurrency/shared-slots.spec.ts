import { describe, expect, it } from 'vitest';
import { ConcurrencyLimit } from './concurrency-limit.js';
import { SlotWorld, settled } from './testing-slots.js';

/** Slots that both of two processes have, in use and in all. */
const held = (...processes: readonly { leased: { held: number } }[]): readonly number[] =>
  processes.map(({ leased }) => leased.held);

describe('SharedSlots', () => {
  it('[R6] lets so many run at once over all processes, and everybody in by and by', async () => {
    const world = new SlotWorld();
    const [a, b] = [world.start(), world.start()];
    for (let call = 0; call < 3; call++) for (const process of [a, b]) process.enter();
    await world.pass(10);
    let most = 0;
    for (let left = 0; left < 6; left++) {
      most = Math.max(most, a.limit.running + b.limit.running);
      (a.limit.running > b.limit.running ? a : b).leave();
      await world.pass(10);
    }
    expect([most, a.entered, b.entered]).toEqual([2, 3, 3]);
  });

  it('asks once for a steady stream of calls, and then only for the lease', async () => {
    const world = new SlotWorld();
    const a = world.start();
    for (let call = 0; call < 1_000; call++) {
      a.enter();
      await settled();
      a.leave();
      if (call % 10 === 0) await world.pass(50);
    }
    expect(a.entered).toBe(1_000);
    // Five seconds: the first one, and one in each third of a lease.
    expect(a.store.claims).toBeLessThanOrEqual(1 + 3);
  });

  it('asks for all who wait with one claim at a time', async () => {
    const world = new SlotWorld(() => 20);
    const a = world.start({ max: 10 });
    for (let call = 0; call < 8; call++) a.enter();
    expect(a.store.claims).toBe(1);
    await world.pass(40);
    expect([a.entered, a.store.claims]).toEqual([1, 2]);
    await world.pass(40);
    expect([a.entered, a.store.claims]).toEqual([8, 2]);
  });

  it('gives back what it has not used for a while, and tells the store of nothing then', async () => {
    const world = new SlotWorld();
    const [a, b] = [world.start(), world.start()];
    a.enter();
    a.enter();
    await world.pass(10);
    a.leave();
    a.leave();
    expect(held(a)).toEqual([2]);
    await world.pass(1_010);
    expect(held(a)).toEqual([0]);
    const { claims } = a.store;
    await world.pass(20_000);
    expect(a.store.claims).toBe(claims);
    b.enter();
    await settled();
    expect(b.entered).toBe(1);
  });

  it('gives an idle slot back at once when another process waits', async () => {
    const world = new SlotWorld();
    const [a, b] = [world.start(), world.start()];
    a.enter();
    a.enter();
    await world.pass(10);
    a.leave();
    b.enter();
    await settled();
    await settled();
    expect([b.entered, ...held(a, b)]).toEqual([1, 1, 1]);
  });

  it('[R6] lets a process that waits have a slot after one call, however many wait in the one that has them all', async () => {
    const world = new SlotWorld();
    const [busy, late] = [world.start({ max: 1 }), world.start({ max: 1 })];
    for (let call = 0; call < 50; call++) busy.enter();
    await world.pass(10);
    for (let call = 0; call < 3; call++) late.enter();
    await world.pass(10);
    const turns: string[] = [];
    for (let call = 0; call < 6; call++) {
      turns.push(busy.limit.running === 1 ? 'busy' : 'late');
      (busy.limit.running === 1 ? busy : late).leave();
      await world.pass(10);
    }
    expect(turns).toEqual(['busy', 'late', 'busy', 'late', 'busy', 'late']);
  });

  it('needs no claims while each of two busy processes has its share', async () => {
    const world = new SlotWorld();
    const [a, b] = [world.start({ max: 4 }), world.start({ max: 4 })];
    for (let call = 0; call < 60; call++) for (const process of [a, b]) process.enter();
    await world.pass(10);
    for (let left = 0; left < 8; left++) {
      a.leave();
      if (b.limit.running > 0) b.leave();
      await world.pass(10);
    }
    expect([...held(a, b), a.limit.running, b.limit.running]).toEqual([2, 2, 2, 2]);
    const before = a.store.claims + b.store.claims;
    for (let left = 0; left < 40; left++) [a, b][left % 2]?.leave();
    await settled();
    expect(a.store.claims + b.store.claims).toBe(before);
  });

  it('waits for one answer where nobody may wait, and refuses then', async () => {
    for (const nowhere of [{ maxQueue: 0 }, { maxWaitMs: 0 }]) {
      const world = new SlotWorld(() => 10);
      const [a, b] = [world.start(nowhere), world.start(nowhere)];
      for (let call = 0; call < 5; call++) a.enter();
      await world.pass(100);
      b.enter();
      await world.pass(20);
      expect([a.entered, a.refused, b.entered, b.crowdedOut, b.limit.queued]).toEqual([2, 3, 0, 1, 0]);
      a.leave();
      await world.pass(1_100);
      b.enter();
      await world.pass(20);
      expect(b.entered).toBe(1);
    }
  });

  it('has so many wait as the queue has places for, once it is known that they have to', async () => {
    const world = new SlotWorld(() => 10);
    const [a, b] = [world.start({ maxQueue: 1 }), world.start({ maxQueue: 1 })];
    a.enter();
    a.enter();
    await world.pass(100);
    for (let call = 0; call < 4; call++) b.enter();
    expect([b.limit.queued, b.refused]).toEqual([3, 1]);
    await world.pass(50);
    expect([b.limit.queued, b.refused, b.crowdedOut]).toEqual([1, 3, 2]);
    b.enter();
    expect(b.refused).toBe(4);
  });

  it('tells that nobody waits any more when the last one has gone', async () => {
    const world = new SlotWorld();
    const [a, b] = [world.start({ max: 1 }), world.start({ max: 1, maxWaitMs: 100 })];
    a.enter();
    await world.pass(10);
    b.enter();
    b.enter()?.cancel('cancelled');
    await world.pass(150);
    expect([b.refused, b.limit.queued]).toEqual([1, 0]);
    a.enter();
    a.leave();
    await world.pass(10);
    a.leave();
    await world.pass(10);
    const { claims } = a.store;
    a.enter();
    await world.pass(10);
    a.leave();
    a.enter();
    a.leave();
    await world.pass(10);
    // Nobody waits, so it keeps what it has for the next call: one claim at the most, to have it.
    expect(a.store.claims - claims).toBeLessThanOrEqual(1);
    expect(a.entered).toBe(4);
  });

  it('frees the slots of a process that has died, within a lease', async () => {
    const world = new SlotWorld();
    const [a, b] = [world.start({ max: 1 }), world.start({ max: 1 })];
    a.enter();
    await world.pass(2_000);
    a.stopped = true;
    b.enter();
    await world.pass(2_900);
    expect(b.entered).toBe(0);
    await world.pass(2_200 + 1_700);
    expect(b.entered).toBe(1);
  });

  it('lets nobody in on slots that it had when it stood still for longer than its lease', async () => {
    const world = new SlotWorld();
    const [a, b] = [world.start(), world.start()];
    a.enter();
    a.enter();
    await world.pass(10);
    a.leave();
    a.stopped = true;
    await world.pass(6_000);
    b.enter();
    b.enter();
    await world.pass(10);
    expect(b.entered).toBe(2);
    a.stopped = false;
    // The first thing that happens when it goes on is a call, before its timers.
    a.enter();
    expect(a.limit.running).toBe(1);
    await world.pass(10);
    b.leave();
    await world.pass(10);
    // Three were in use: one too many, and what has become free is not given out.
    expect([a.limit.running + b.limit.running, a.limit.queued]).toEqual([2, 1]);
    b.leave();
    await world.pass(10);
    expect([a.limit.running, a.limit.queued]).toEqual([2, 0]);
  });

  it('claims nothing that it had when it stood still for longer than its lease but what runs', async () => {
    const world = new SlotWorld();
    const [a, b] = [world.start(), world.start()];
    a.enter();
    await world.pass(10);
    a.leave();
    a.stopped = true;
    await world.pass(6_000);
    b.enter();
    b.enter();
    await world.pass(10);
    a.stopped = false;
    await world.pass(10);
    // Nothing is too much, so the other one need not give up what it has.
    b.leave();
    expect(b.limit.tryEnter()).toBe(true);
  });

  it('gives everything back when it ends, and asks for nothing any more', async () => {
    const world = new SlotWorld();
    const [a, b] = [world.start(), world.start()];
    a.enter();
    a.enter();
    await world.pass(10);
    a.leave();
    a.leave();
    await a.shared.close();
    b.enter();
    b.enter();
    await settled();
    const { claims } = a.store;
    await world.pass(10_000);
    expect([b.entered, a.store.claims]).toEqual([2, claims]);
    // What comes all the same waits for nobody.
    a.enter();
    expect([a.entered, a.log]).toEqual([3, []]);
  });

  it('makes a claim for each of two limits of one name, while one replaces the other', async () => {
    const world = new SlotWorld();
    const [a, b] = [world.start(), world.start()];
    a.enter();
    await world.pass(10);
    const user = { running: 0, queued: 1, arrivals: 1, admit: () => void (user.running = 1), bound: () => undefined };
    const replacing = a.shared.lease({ name: 'tool:a', max: 2 }, user);
    replacing.demandChanged();
    user.queued = 0;
    await settled();
    expect(held(a, { leased: replacing })).toEqual([1, 1]);
    b.enter();
    await settled();
    expect(b.entered).toBe(0);
  });
});

describe('SharedSlots without their store', () => {
  it('[R6] counts by itself up to the limit when the store is away, is counted, and told of once', async () => {
    const world = new SlotWorld();
    const a = world.start();
    a.store.state = 'away';
    for (let call = 0; call < 3; call++) a.enter();
    await settled();
    expect([a.entered, a.limit.queued]).toEqual([2, 1]);
    a.leave();
    await world.pass(20_000);
    expect(a.log).toEqual(['alone', 'local', 'local', 'local']);
    expect([a.entered, a.limit.running]).toEqual([3, 2]);
  });

  it('waits a quarter of a second for a store that says nothing, and not again', async () => {
    const world = new SlotWorld();
    const a = world.start({ max: 1, maxQueue: 0 });
    a.store.state = 'silent';
    a.enter();
    await world.pass(230);
    expect(a.entered).toBe(0);
    await world.pass(40);
    expect(a.entered).toBe(1);
    a.leave();
    expect(a.limit.tryEnter()).toBe(true);
    expect(a.limit.wait()).toBeUndefined();
    // It is asked now and then whether it is there.
    const { claims } = a.store;
    await world.pass(10_000);
    expect(a.store.claims - claims).toBeGreaterThan(7);
    expect(a.store.claims - claims).toBeLessThan(12);
  });

  it('refuses those who had waited beyond the queue for the answer when there comes none', async () => {
    const world = new SlotWorld();
    const a = world.start({ max: 2, maxQueue: 0 });
    a.store.state = 'silent';
    a.enter();
    a.enter();
    a.limit.waitFirst();
    await world.pass(300);
    expect([a.limit.running, a.entered, a.crowdedOut, a.limit.queued]).toEqual([2, 1, 1, 0]);
  });

  it('comes back within the limit: running calls go on, and nobody enters until there are few enough', async () => {
    const world = new SlotWorld();
    const [a, b] = [world.start(), world.start()];
    for (const process of [a, b]) {
      process.store.state = 'away';
      for (let call = 0; call < 4; call++) process.enter();
    }
    await settled();
    expect([a.limit.running, b.limit.running]).toEqual([2, 2]);
    for (const process of [a, b]) process.store.state = 'there';
    await world.pass(1_700);
    expect([a.log.at(-1), b.log.at(-1), a.limit.running, b.limit.running]).toEqual(['together', 'together', 2, 2]);
    a.leave();
    await world.pass(10);
    b.leave();
    await world.pass(10);
    expect(a.limit.running + b.limit.running).toBe(2);
    for (let left = 0; left < 6; left++) {
      (a.limit.running > b.limit.running ? a : b).leave();
      await world.pass(10);
      expect(a.limit.running + b.limit.running).toBeLessThanOrEqual(2);
    }
    expect([a.entered, b.entered]).toEqual([4, 4]);
  });

  it('claims anew at once when it hears that the store is back, and takes no notice of answers from before', async () => {
    const world = new SlotWorld(() => 100);
    const a = world.start();
    a.enter();
    await world.pass(210);
    a.store.state = 'silent';
    a.enter();
    await world.pass(400);
    expect([a.entered, a.log]).toEqual([2, ['alone', 'local']]);
    a.store.state = 'there';
    a.store.tell({ kind: 'back' });
    await world.pass(250);
    expect(a.log.at(-1)).toBe('together');
    expect(held(a)).toEqual([2]);
    await world.pass(500);
    const b = world.start();
    b.enter();
    await world.pass(500);
    expect(b.entered).toBe(0);
  });

  it('claims what has been let in while it came back, of limits that are new, too', async () => {
    const world = new SlotWorld(() => 100);
    const [a, b] = [world.start({ max: 2 }), world.start({ max: 2 })];
    const further = (process: typeof a): ConcurrencyLimit =>
      new ConcurrencyLimit({ max: 1, maxQueue: 1, maxWaitMs: 60_000 }, process.wheel, (user) =>
        process.shared.lease({ name: 'tool:b', max: 1 }, user),
      );
    a.store.state = 'away';
    a.enter();
    await settled();
    a.store.state = 'there';
    a.store.tell({ kind: 'back' });
    await world.pass(100);
    const young = further(a);
    a.enter();
    expect([a.limit.running, young.tryEnter()]).toEqual([2, true]);
    await world.pass(400);
    expect([a.log.at(-1), ...held(a)]).toEqual(['together', 2]);
    const other = further(b);
    b.enter();
    other.wait();
    await world.pass(400);
    expect([b.entered, other.running]).toEqual([0, 0]);
  });
});
