import type { HealthProbe } from '../../core/index.js';
import type { BreakerStatus } from './circuit-breakers.js';

/** What is asked for breakers. */
export interface BreakerList {
  status(): readonly BreakerStatus[];
}

/** The check `breakers`: which are not closed. A tool that is left alone for a while does not make the server unwell. */
export function breakersProbe(breakers: BreakerList): HealthProbe {
  return {
    name: 'breakers',
    check: () => {
      const all = breakers.status();
      const named = (state: BreakerStatus['state']): readonly string[] =>
        all.filter((breaker) => breaker.state === state).map(({ name }) => name);
      return { count: all.length, open: named('open'), halfOpen: named('half-open') };
    },
  };
}
