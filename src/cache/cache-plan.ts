import { CACHE_KEY_METADATA, CACHE_TTL_METADATA } from '@nestjs/cache-manager';
import { describeOrigin, type CallKind, type Target, type ToolAnnotations } from '../core/index.js';

/** How the results of one target are kept. */
export interface CachePlan {
  readonly ttlMs: number;
  /** The name under `cacheKey`, and whether others share it. */
  readonly namespace: string | undefined;
  readonly acrossTargets: boolean;
  readonly scope: 'principal' | 'shared';
  /** By what results can be removed: everything, the target itself, its tags. */
  readonly marks: readonly string[];
}

/** Marks every result. */
export const EVERYTHING = 'all';

/** The mark of one target's results. */
export function targetMark(kind: CallKind, name: string): string {
  return `${kind}:${name}`;
}

/** The mark of results under a tag. */
export function tagMark(tag: string): string {
  return `tag:${tag}`;
}

/** The kinds of which results can be kept; what else is called is asked anew each time. */
const CACHED_KINDS: ReadonlySet<CallKind> = new Set<CallKind>(['tool', 'resource', 'prompt']);

/**
 * What a target's policy and the decorators `@CacheTTL()` (milliseconds) and `@CacheKey()` of `@nestjs/cache-manager`
 * ask for; `undefined` for a target that is not cached.
 *
 * @throws Error naming class and method, for what {@link cacheFaults} reports
 */
export function cachePlanOf(target: Target, defaultTtlSeconds: number): CachePlan | undefined {
  const faults = cacheFaults(target);
  if (faults.length > 0) throw new Error(`${describeOrigin(target.origin)}: ${faults.join('; ')}`);
  if (!CACHED_KINDS.has(target.kind)) return undefined;
  const { kind, name, policy } = target;
  const { ttl, key } = decorationOf(target);
  const cacheKey = policy.cacheKey ?? (key as string | undefined);
  const ownTtlMs = policy.cacheTtl === undefined ? (ttl as number | undefined) : policy.cacheTtl * 1000;
  if (ownTtlMs === undefined && cacheKey === undefined) return undefined;
  const ttlMs = Math.round(ownTtlMs ?? defaultTtlSeconds * 1000);
  if (ttlMs === 0) return undefined;
  const namespace = typeof cacheKey === 'object' ? cacheKey.shared : cacheKey;
  const tags = [...(policy.cacheTags ?? []), ...(namespace === undefined ? [] : [namespace])];
  return {
    ttlMs,
    namespace,
    acrossTargets: typeof cacheKey === 'object',
    scope: policy.cacheScope ?? 'principal',
    marks: [EVERYTHING, targetMark(kind, name), ...new Set(tags.map(tagMark))],
  };
}

/** What contradicts itself in what a target asks of the cache, as sentences; empty when nothing does. For the start. */
export function cacheFaults(target: Target): readonly string[] {
  if (!CACHED_KINDS.has(target.kind)) return [];
  const { policy, task } = target;
  const { ttl, key } = decorationOf(target);
  const cached = [policy.cacheTtl ?? ttl, policy.cacheKey ?? key].some((said) => said !== undefined);
  const faults = decorationFaults(target);
  if (!cached) {
    const idle = (['cacheScope', 'cacheTags', 'cacheWrites'] as const).filter((option) => policy[option] !== undefined);
    if (idle.length > 0) faults.push(`"${idle.join('", "')}" without "cacheTtl" or "cacheKey": nothing is cached`);
    return faults;
  }
  if (policy.cacheTtl === 0 || ttl === 0) return faults;
  if (annotationsOf(target)?.readOnlyHint === false && policy.cacheWrites !== true) {
    faults.push(
      '"cacheTtl" or "cacheKey" on a tool that changes things (readOnlyHint: false): a repeated call would change ' +
        'nothing. Remove it, or say cacheWrites: true if that is meant',
    );
  }
  if (task !== undefined) {
    faults.push('calls of a tool with "task" become tasks, and those are never cached; remove "task" or the cache');
  }
  return faults;
}

function decorationFaults(target: Target): string[] {
  const { policy } = target;
  const { ttl, key } = decorationOf(target);
  const faults: string[] = [];
  if (ttl !== undefined && !(typeof ttl === 'number' && Number.isFinite(ttl) && ttl >= 0)) {
    faults.push('@CacheTTL() of a target takes milliseconds, 0 or more');
  }
  if (key !== undefined && !(typeof key === 'string' && key !== ''))
    faults.push('@CacheKey() of a target takes a name');
  if (ttl !== undefined && policy.cacheTtl !== undefined)
    faults.push('"cacheTtl" and @CacheTTL() say one thing; keep one');
  if (key !== undefined && policy.cacheKey !== undefined)
    faults.push('"cacheKey" and @CacheKey() say one thing; keep one');
  return faults;
}

/** What the decorators of the method say; of its class only how long. */
function decorationOf({ origin, body }: Target): { readonly ttl: unknown; readonly key: unknown } {
  if (typeof body === 'function') return NOTHING;
  const ttl: unknown = Reflect.getMetadata(CACHE_TTL_METADATA, origin.handler);
  return {
    ttl: ttl ?? (Reflect.getMetadata(CACHE_TTL_METADATA, origin.type) as unknown),
    key: Reflect.getMetadata(CACHE_KEY_METADATA, origin.handler) as unknown,
  };
}

const NOTHING = { ttl: undefined, key: undefined };

/** Tools carry their declaration; this folder lies below theirs and knows its shape only. */
function annotationsOf(
  target: Target & { readonly options?: { readonly annotations?: unknown } },
): ToolAnnotations | undefined {
  return target.options?.annotations as ToolAnnotations | undefined;
}
