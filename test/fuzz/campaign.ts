import fc from 'fast-check';
import { expect } from 'vitest';
import { allowedLevel, memoryLevel } from './oracle/memory-level.js';
import { RUNS, SEED } from './settings.js';

/** Runs between two looks at how much has been sent. */
const CHUNK = 40;
const MINUTE_MS = 60_000;

/** What one spec tries. */
export interface Campaign<T> {
  readonly name: string;
  /** How many inputs it sends. */
  readonly share: number;
  readonly inputs: fc.Arbitrary<T>;
  /** Tries one; resolves with how many inputs it held. @throws when something was wrong */
  readonly run: (input: T) => Promise<number>;
}

/**
 * Tries inputs until its share is sent. Memory at the end must be near its level at one third of the way.
 *
 * @throws with the seed and the smallest input that fails
 */
export async function campaign<T>({ name, share, inputs, run }: Campaign<T>): Promise<void> {
  const begun = performance.now();
  const sent = { inputs: 0 };
  let third: number | undefined;
  console.log(`fuzz ${name}: FUZZ_SEED=${SEED} FUZZ_RUNS=${RUNS}, ${share} inputs`);
  const property = fc.asyncProperty(inputs, async (input) => {
    const inputsOfRun = await run(input);
    sent.inputs += inputsOfRun;
  });
  for (let chunk = 0; sent.inputs < share; chunk++) {
    await fc.assert(property, { seed: SEED + chunk, numRuns: CHUNK, interruptAfterTimeLimit: 5 * MINUTE_MS });
    if (third === undefined && sent.inputs >= share / 3) third = await memoryLevel();
  }
  const end = await memoryLevel();
  const seconds = ((performance.now() - begun) / 1000).toFixed(1);
  console.log(
    `fuzz ${name}: ${sent.inputs} inputs in ${seconds} s; memory ${mb(third)} MB at one third, ${mb(end)} MB at the end`,
  );
  expect(end).toBeLessThanOrEqual(allowedLevel(third ?? end));
}

function mb(bytes = 0): string {
  return (bytes / 1e6).toFixed(1);
}
