import type { Feature } from './features.js';

/** Calls tools of a server, all at once, and gives the bodies of the answers in the same order. */
export type Ask = (...tools: readonly string[]) => Promise<readonly string[]>;

/** As often {@link proveResilience} has the tool called that fails: once more than its breaker lets it. */
const faults = 3;
/** Calls at once of the tool that lets one run. */
const crowd = 4;

/**
 * Shows that breakers open, that no more runs at once than may, and that who takes too long is given up.
 *
 * @throws naming the feature that was not on
 */
export async function proveResilience(features: ReadonlySet<Feature>, ask: Ask): Promise<void> {
  if (features.has('breaker')) {
    let last = '';
    for (let made = 0; made < faults; made++) [last = ''] = await ask('broken');
    if (!last.includes('breaker_open')) {
      throw new Error(`breaker: call ${faults} of a tool that fails was answered with ${last.slice(0, 500)}`);
    }
  }
  if (features.has('concurrency')) {
    const answers = await ask(...Array.from({ length: crowd }, () => 'held'));
    const beyond = answers.find((body) => !body.includes('"text":"1"') && !body.includes('overloaded'));
    if (beyond !== undefined) {
      throw new Error(`concurrency: more than one of ${crowd} calls ran at once: ${beyond.slice(0, 500)}`);
    }
  }
  if (features.has('deadline')) {
    const [late = ''] = await ask('late');
    if (!late.includes('"timeout"')) throw new Error(`deadline: who takes too long answered: ${late.slice(0, 500)}`);
  }
}
