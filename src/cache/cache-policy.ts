import { z } from 'zod';
import type { PolicyKeys } from '../core/index.js';
import { LONGEST_TTL } from './cache.options.js';

declare module '../core/target-parts.js' {
  interface Policy {
    /**
     * Seconds for which a result is kept and given to whoever calls with the same arguments; 0 never keeps any.
     *
     * A tool is cached only when it says this or `cacheKey`. Kept is what JSON makes of a result, and callers are given
     * that, frozen. Not kept, and not shared between calls under way, is what a call returns that talks to its client:
     * that asks, reports progress, logs to it, looks at what it supports, or becomes a task. Nor are failures kept.
     *
     * @default `cache.defaultTtl` of the configuration, for those with a `cacheKey`
     */
    readonly cacheTtl?: number | undefined;
    /**
     * A name under which results are kept, beside the target's own; {@link ToolCache.invalidate} knows it as a tag. As
     * `{ shared: 'name' }` all targets that say so share their results: their arguments must mean the same.
     */
    readonly cacheKey?: string | { readonly shared: string } | undefined;
    /**
     * Who is given a result: the principal for whom it was made, with the same permissions, roles, scopes and
     * attributes; or, as `shared`, everybody who may call. @default 'principal'
     */
    readonly cacheScope?: 'principal' | 'shared' | undefined;
    /** By which results can be removed together. */
    readonly cacheTags?: readonly string[] | undefined;
    /** Confirms that a tool is to be cached although it changes things (`readOnlyHint: false`): a hit changes nothing. */
    readonly cacheWrites?: boolean | undefined;
  }
}

const name = z.string().min(1).max(128);

/** Tells what may be written: the schemas of the keys that this folder enforces. */
export function defineCachePolicyKeys(keys: PolicyKeys): void {
  const seconds = `must be seconds, 0 (never) to ${LONGEST_TTL}`;
  keys.define('cacheTtl', z.number(seconds).min(0, seconds).max(LONGEST_TTL, seconds).optional());
  keys.define(
    'cacheKey',
    z
      .union([name, z.strictObject({ shared: name })], 'must be a name of 1-128 characters, or { shared: <name> }')
      .optional(),
  );
  keys.define('cacheScope', z.enum(['principal', 'shared']).optional());
  keys.define('cacheTags', z.array(name).max(16, 'must be 16 tags or fewer').optional());
  keys.define('cacheWrites', z.boolean().optional());
}
