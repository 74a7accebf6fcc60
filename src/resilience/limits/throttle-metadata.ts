import { describeOrigin, type TargetOrigin } from '../../core/index.js';
import type { NamedRule } from './rate-limits.js';

/** Under these keys, each followed by a throttler's name, `@Throttle()` and `@SkipThrottle()` keep what they were given. */
const LIMIT = 'THROTTLER:LIMIT';
const WINDOW = 'THROTTLER:TTL';
const BLOCK = 'THROTTLER:BLOCK_DURATION';
const TRACKER = 'THROTTLER:TRACKER';
const KEY = 'THROTTLER:KEY_GENERATOR';
const SKIP = 'THROTTLER:SKIP';

/** What the decorators of `@nestjs/throttler` say of a target. */
export interface Throttling {
  /** One for each throttler that `@Throttle()` names, of the target itself. */
  readonly rules: readonly NamedRule[];
  /** `@SkipThrottle()`: the limits of the configuration do not apply. */
  readonly skipsConfigured: boolean;
  /** `@SkipThrottle({ global: true })`. */
  readonly skipsGlobal: boolean;
  /** `@SkipThrottle({ principal: true })`. */
  readonly skipsPrincipal: boolean;
}

/**
 * Reads `@Throttle()` and `@SkipThrottle()` of a method and its class, the method's first.
 *
 * @throws Error naming class and method, for what needs an HTTP request or would not be enforced: functions, `getTracker`,
 *   `generateKey`, `blockDuration`
 */
export function throttlingOf(origin: TargetOrigin): Throttling {
  const read = (key: string): unknown =>
    (Reflect.getMetadata(key, origin.handler) as unknown) ?? (Reflect.getMetadata(key, origin.type) as unknown);
  const names = new Set(
    [...keysOf(origin.handler), ...keysOf(origin.type)]
      .filter((key) => key.startsWith(LIMIT))
      .map((key) => key.slice(LIMIT.length)),
  );
  const rules = [...names].filter((name) => read(SKIP + name) !== true).map((name) => ruleOf(name, origin, read));
  const skips = (name: string): boolean => read(SKIP + name) === true;
  return {
    rules,
    skipsConfigured: skips('default'),
    skipsGlobal: skips('global'),
    skipsPrincipal: skips('principal'),
  };
}

function ruleOf(name: string, origin: TargetOrigin, read: (key: string) => unknown): NamedRule {
  const fault = (text: string): Error =>
    new Error(`@Throttle() of ${describeOrigin(origin)}, throttler "${name}": ${text}`);
  for (const [key, option] of [
    [BLOCK, 'blockDuration'],
    [TRACKER, 'getTracker'],
    [KEY, 'generateKey'],
  ] as const) {
    if (read(key + name) !== undefined) {
      throw fault(
        `${option} does not apply to calls; a call is counted for its principal until the window has passed.`,
      );
    }
  }
  const limit = read(LIMIT + name);
  const windowMs = read(WINDOW + name);
  if (!isPositive(limit) || !Number.isInteger(limit)) throw fault('limit must be a whole number, 1 or more.');
  if (!isPositive(windowMs)) throw fault('ttl must be a number of milliseconds above 0.');
  return { name: `throttle_${name}`, limit, windowMs };
}

function keysOf(of: object): readonly string[] {
  return (Reflect.getMetadataKeys(of) as readonly unknown[]).filter((key) => typeof key === 'string');
}

function isPositive(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}

/** The limits of the configuration as the guard of `@nestjs/throttler` takes them, for ordinary routes. */
export function throttlersOf(rules: readonly NamedRule[]): { name: string; limit: number; ttl: number }[] {
  return rules.map(({ name, limit, windowMs }) => ({
    name: name === 'principal' ? 'default' : name,
    limit,
    ttl: windowMs,
  }));
}
