/** What the names of our environment variables begin with. */
export const VARIABLE_PREFIX = 'ROOKERY_';

/** Variables that belong to the program rather than to a key. */
export const RESERVED_VARIABLES: ReadonlySet<string> = new Set([
  'ROOKERY_CONFIG',
  'ROOKERY_API_KEY',
  'ROOKERY_API_KEY_FILE',
]);

/** `defaultTtl` → `DEFAULT_TTL`, `publicURL` → `PUBLIC_URL`. */
export function screamingSnake(key: string): string {
  return key
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .toUpperCase();
}

/** The variable that sets a key: `['cache', 'defaultTtl']` → `ROOKERY_CACHE__DEFAULT_TTL`. */
export function variableName(path: readonly string[]): string {
  return VARIABLE_PREFIX + path.map(screamingSnake).join('__');
}
