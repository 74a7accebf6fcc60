import type { LimitRequest } from '../../../resilience/index.js';

const US_PER_MS = 1000;

/** What the scripts of limits are given. */
export interface ScriptArguments {
  readonly keys: readonly string[];
  readonly values: readonly number[];
}

/**
 * The requests of some calls as keys and numbers. Rules are the same objects for most calls, and are sent once.
 */
export function scriptArguments(calls: readonly (readonly LimitRequest[])[]): ScriptArguments {
  const places = new Map<LimitRequest['rules'], number>();
  const sets: number[] = [];
  const keys: string[] = [];
  const requested: number[] = [];
  for (const requests of calls) {
    requested.push(requests.length);
    for (const { key, rules } of requests) {
      let place = places.get(rules);
      if (place === undefined) {
        places.set(rules, (place = places.size + 1));
        sets.push(rules.length);
        for (const { limit, windowMs } of rules) sets.push(limit, Math.round(windowMs * US_PER_MS));
      }
      keys.push(`limit:${key}`);
      requested.push(place);
    }
  }
  return { keys, values: [places.size, ...sets, ...requested] };
}

/** Milliseconds of a script's microseconds. */
export function milliseconds(microseconds: number): number {
  return microseconds / US_PER_MS;
}
