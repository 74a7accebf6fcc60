import type { Telemetry } from '../core/index.js';
import type { CacheBackEnd } from './cache-back-end.js';

/** Shows how full the cache of this process is. Of a shared store nothing is shown: it has metrics of its own. */
export function defineCacheMetrics(telemetry: Telemetry, { memory }: CacheBackEnd, maxSize: number): void {
  if (memory === undefined) return;
  const entries = telemetry
    .gauge({
      name: 'rookery_cache_entries',
      help: 'Entries in the cache of this process, those of teams included.',
      collect: () => entries.set(memory.size),
    })
    .bind({});
  telemetry
    .gauge({ name: 'rookery_cache_max_entries', help: 'Entries that the cache of this process may have.' })
    .bind({})
    .set(maxSize);
  let seen = 0;
  const evictions = telemetry
    .counter({
      name: 'rookery_cache_evictions_total',
      help: 'Entries that had to leave the cache of this process before their time.',
      collect: () => {
        evictions.add(memory.evicted - seen);
        seen = memory.evicted;
      },
    })
    .bind({});
}
