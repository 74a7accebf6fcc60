import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { AuditModuleOptions } from '../../src/audit/index.js';
import { AuditedFolder, answeredBy, type FoundTrail } from './support/audit-child-process.js';

const KILLS = 50;
const AT_ONCE = 5;
const BATCH = 100;

/** mulberry32: the moments of the kills are chance, and the same in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const folders: AuditedFolder[] = [];
afterEach(() => folders.splice(0).forEach((folder) => folder.remove()));

/** Starts a server under load, kills it so long after it began to answer, and looks at what is left. */
async function killed(
  audit: AuditModuleOptions,
  afterMs: number,
): Promise<{ readonly answered: readonly string[]; readonly trails: readonly FoundTrail[]; folder: AuditedFolder }> {
  const folder = new AuditedFolder();
  folders.push(folder);
  const server = folder.start(audit);
  try {
    await server.shows('stdout', /^answered /m);
    // The moment of the kill is what is tested: there is nothing to wait for.
    await sleep(afterMs);
  } finally {
    await server.stop();
  }
  const { file, database } = await folder.verify();
  return { answered: answeredBy(server), trails: [file, database], folder };
}

function expectUncleanButWhole({ report }: FoundTrail): void {
  expect(report.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  expect(report.problems.map(({ kind }) => kind)).toContain('unclean_end');
  expect(report.problems.find(({ kind }) => kind === 'unclean_end')?.message).toMatch(
    /Records after \d+ may be missing/,
  );
  expect(report.trails).toHaveLength(1);
}

describe('a server that is killed with SIGKILL under load', () => {
  it(`[A9] loses no record of an answered call in strict mode, ${KILLS} times over`, { timeout: 600_000 }, async () => {
    const random = seeded(20_261_122);
    let answers = 0;
    for (let round = 0; round < KILLS; round += AT_ONCE) {
      const moments = Array.from({ length: AT_ONCE }, () => random() * 300);
      for (const { answered, trails, folder } of await Promise.all(
        moments.map((afterMs) => killed({ mode: 'strict' }, afterMs)),
      )) {
        answers += answered.length;
        for (const trail of trails) {
          expect(answered.filter((id) => !trail.callIds.has(id))).toEqual([]);
          expectUncleanButWhole(trail);
        }
        folder.remove();
      }
    }
    expect(answers).toBeGreaterThan(KILLS);
  });

  it('[A9] loses at most its last batch when it writes in batches', { timeout: 60_000 }, async () => {
    const random = seeded(9);
    expect.hasAssertions();
    const batch = { maxRecords: BATCH, maxDelayMs: 50 };
    const moments = Array.from({ length: 6 }, () => 100 + random() * 300);
    for (const { answered, trails } of await Promise.all(
      moments.map((afterMs) => killed({ mode: 'batched', batch }, afterMs)),
    )) {
      for (const trail of trails) {
        const firstMissing = answered.findIndex((id) => !trail.callIds.has(id));
        // One batch on its way to the sinks, the next one gathered, and the calls that wait for room.
        if (firstMissing >= 0) expect(answered.length - firstMissing).toBeLessThanOrEqual(2 * BATCH + 8);
        expectUncleanButWhole(trail);
      }
    }
  });

  it(
    '[A9] is followed by a trail that names its head, so that cutting it is noticed',
    { timeout: 60_000 },
    async () => {
      const { folder } = await killed({ mode: 'strict' }, 50);
      const next = folder.start({ mode: 'strict' });
      await next.shows('stdout', /^answered /m);
      next.signal('SIGTERM');
      expect(await next.ended()).toEqual({ code: 0, signal: null });
      expect(next.stdout).toMatch(/^closed$/m);
      const { file, database } = await folder.verify();
      for (const { report } of [file, database]) {
        expect(report.problems.filter(({ severity }) => severity === 'error')).toEqual([]);
        expect(report.trails.map(({ closed }) => closed)).toEqual([false, true]);
        expect(report.problems.filter(({ kind }) => kind !== 'torn_line').map(({ kind }) => kind)).toEqual([
          'unclean_end',
        ]);
      }
    },
  );
});
