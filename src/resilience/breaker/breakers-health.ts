import type { HealthProbe } from '../../core/index.js';
import type { BreakerStatus } from './circuit-breakers.js';

/** What is asked for breakers. */
export interface BreakerList {
  /** Whether other processes hear of what happens; `undefined` where there is no way. */
  readonly shared?: boolean | undefined;
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
      const { shared } = breakers;
      const told = shared === undefined ? {} : { shared };
      return { count: all.length, open: named('open'), halfOpen: named('half-open'), ...told };
    },
  };
}
