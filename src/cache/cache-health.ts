import { HealthDegradedError, type HealthProbe } from '../core/index.js';
import type { CacheBackEnd } from './cache-back-end.js';

/** A key under which there is nothing. */
const NOTHING = 'health';

/** The check `cache`: asks the store of results for one that is not there. Calls go on without it when it does not answer. */
export function cacheProbe({ results, memory }: Pick<CacheBackEnd, 'results' | 'memory'>): HealthProbe {
  return {
    name: 'cache',
    check: async () => {
      const backend = memory === undefined ? 'shared' : 'memory';
      const lookup = await results.read(NOTHING, []);
      if (lookup.found || !lookup.failed) return { backend };
      throw new HealthDegradedError('The shared cache does not answer: calls go on without it.', { backend });
    },
  };
}
