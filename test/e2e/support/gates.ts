import { once } from 'node:events';
import { Injectable } from '@nestjs/common';

/** What can be waited for in the life of a held call. */
export type Moment = 'begun' | 'aborted' | 'released' | 'ended';

/** Lets one call wait for a moment in the life of another, so that no test has to sleep. */
@Injectable()
export class Gates {
  readonly #moments = new EventTarget();
  readonly #reached = new Set<string>();

  reach(key: string, moment: Moment): void {
    const name = `${key} ${moment}`;
    this.#reached.add(name);
    this.#moments.dispatchEvent(new Event(name));
  }

  has(key: string, moment: Moment): boolean {
    return this.#reached.has(`${key} ${moment}`);
  }

  async reached(key: string, moment: Moment): Promise<void> {
    if (!this.has(key, moment)) await once(this.#moments, `${key} ${moment}`);
  }
}
