import type { AttemptLimiter } from '../../core/index.js';

/** The limiter that the door uses: the one that somebody provides for several processes, else one of its own. */
export class DoorLimiter {
  constructor(readonly limiter: AttemptLimiter) {}
}
