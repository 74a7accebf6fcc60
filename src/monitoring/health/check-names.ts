import { closest } from '../../core/index.js';

/** Checks that are there under some configuration, whether or not under this one. */
const BUILT_IN: readonly string[] = [
  'store',
  'redis',
  'cache',
  'audit',
  'breakers',
  'code',
  'alerts',
  'tracing',
  'disk',
  'memory',
  'event_loop',
];

/** What others call our checks. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  database: 'store',
  database_connectivity: 'store',
  cache_connectivity: 'cache',
  disk_space: 'disk',
  memory_usage: 'memory',
};

/** What is wrong with the names under `monitoring.health.checks`: a sentence for each that no check has. */
export function unknownCheckNames(configured: readonly string[], existing: readonly string[]): readonly string[] {
  const names = [...new Set([...BUILT_IN, ...existing])];
  return configured
    .filter((name) => !names.includes(name))
    .map((name) => {
      const meant = OTHER_NAMES[name] ?? closest(name, names);
      const hint = meant === undefined ? '' : ` Did you mean "${meant}"?`;
      return `monitoring.health.checks.${name}: there is no such check.${hint} There are ${names.join(', ')}. It holds for one that is added later under this name.`;
    });
}
