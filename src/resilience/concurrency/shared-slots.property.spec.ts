import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Waiting } from './concurrency-limit.js';
import { SlotWorld, type SlotProcess } from './testing-slots.js';

const LEASE_MS = 5_000;
const PROCESSES = 3;
const which = fc.nat({ max: PROCESSES - 1 });

/** What happens, in any order. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ act: fc.constant('enter' as const), which }) },
  { weight: 5, arbitrary: fc.record({ act: fc.constant('leave' as const), which }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('cancel' as const), which }) },
  { weight: 4, arbitrary: fc.record({ act: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 300 }) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('pass' as const), ms: fc.integer({ min: 300, max: 7_000 }) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('die' as const), which }) },
);

/** All calls of all processes that live. */
const runningIn = (processes: readonly SlotProcess[]): number =>
  processes.reduce((sum, { limit, stopped }) => sum + (stopped ? 0 : limit.running), 0);

describe('slots of several processes', () => {
  it(
    '[R6] are never more than there are, and whoever waits gets in, whatever order things happen in',
    { timeout: 60_000 },
    async () => {
      const property = fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.nat({ max: 30 }), { minLength: 1, maxLength: 20 }),
        fc.array(step, { minLength: 10, maxLength: 60 }),
        async (max, latencies, steps) => {
          let message = 0;
          // Far less than a claim may take: everybody is heard of.
          const world = new SlotWorld(() => latencies[message++ % latencies.length] ?? 0);
          const processes = Array.from({ length: PROCESSES }, () => world.start({ max, maxWaitMs: 3_600_000 }));
          world.check = () => expect(runningIn(processes)).toBeLessThanOrEqual(max);
          const waiting: Waiting[][] = processes.map(() => []);
          let dead = 0;
          for (const one of steps) {
            if (one.act === 'pass') await world.pass(one.ms);
            else {
              const process = processes[one.which] as SlotProcess;
              if (process.stopped) continue;
              const queue = waiting[one.which] ?? [];
              if (one.act === 'enter') {
                const waits = process.enter();
                if (waits !== undefined) queue.push(waits);
              } else if (one.act === 'leave') {
                if (process.limit.running > 0) process.leave();
              } else if (one.act === 'cancel') {
                queue.pop()?.cancel('cancelled');
              } else if (dead < PROCESSES - 1) {
                dead++;
                process.stopped = true;
              }
            }
            world.check();
          }
          const living = processes.filter(({ stopped }) => !stopped);
          // Who has died holds a slot, or a place in line, for a lease at the most; who waits asks again in a third of it.
          await world.pass(dead === 0 ? 0 : LEASE_MS + LEASE_MS / 3 + 450);
          const left = living.reduce((sum, { limit }) => sum + limit.running + limit.queued, 0);
          for (let round = 0; round < left; round++) {
            // An idle slot comes from elsewhere by six messages, after two that are under way, each of them rounded up.
            await world.pass(450);
            const queued = living.some(({ limit }) => limit.queued > 0);
            if (queued) expect(runningIn(living)).toBe(max);
            living.find(({ limit }) => limit.running > 0)?.leave();
          }
          await world.pass(450);
          expect(living.map(({ limit, refused }) => [limit.running, limit.queued, refused])).toEqual(
            living.map(() => [0, 0, 0]),
          );
          expect(living.flatMap(({ log }) => log)).toEqual([]);
        },
      );
      await fc.assert(property, { numRuns: 150 });
    },
  );
});
