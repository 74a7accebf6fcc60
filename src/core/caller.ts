import type { Call } from './call.js';
import type { MaybePromise } from './maybe-promise.js';
import type { Outcome } from './outcome.js';

/** The way in for everything that is called: transports, workflows, agents and upstream servers use this one. */
export abstract class Caller {
  /** Finds the target and takes the call through the pipeline. Never rejects: every end is an {@link Outcome}. */
  abstract call(call: Call): Promise<Outcome>;

  /** As {@link call}, but without a promise where nothing waits: for transports, which do this for every request. */
  settle(call: Call): MaybePromise<Outcome> {
    return this.call(call);
  }
}
