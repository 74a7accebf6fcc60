import type { Call } from './call.js';
import type { Outcome } from './outcome.js';

/** The way in for everything that is called: transports, workflows, agents and upstream servers use this one. */
export abstract class Caller {
  /** Finds the target and takes the call through the pipeline. Never rejects: every end is an {@link Outcome}. */
  abstract call(call: Call): Promise<Outcome>;
}
