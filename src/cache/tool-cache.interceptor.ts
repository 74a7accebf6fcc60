import { Injectable } from '@nestjs/common';
import { AsyncInterceptor, type Call, type Target } from '../core/index.js';
import type { Joined, Next } from './flight.js';
import { ToolCache, type CacheResult, type CachedTarget } from './tool-cache.js';

/** Takes a call one step further. `next` runs the rest under the call that it is given, and is called at most once. */
export type CacheStep = (call: Call, next: Next) => Promise<unknown>;

/**
 * Answers calls of targets with `cacheTtl` or `cacheKey` from what an earlier call got, and lets callers who want the
 * same at once wait for one execution. It stands behind every guard and validation.
 *
 * The pipeline takes what {@link prepare} returns as a stage. Anywhere else it lets calls pass: ordinary routes have the
 * `CacheInterceptor` of `@nestjs/cache-manager`.
 */
@Injectable()
export class ToolCacheInterceptor extends AsyncInterceptor {
  constructor(private readonly cache: ToolCache) {
    super();
  }

  /**
   * What there is to do around calls of a target; `undefined` for one that is not cached.
   *
   * @throws Error naming class and method, when what they ask of the cache contradicts itself
   */
  prepare(target: Target): CacheStep | undefined {
    const cached = this.cache.serve(target);
    if (cached === undefined) return undefined;
    return (call, next) => {
      if (isWithin(call, target)) {
        cached.count('bypass');
        return next(call);
      }
      const key = cached.keyOf(call);
      if (key === undefined) {
        this.cache.advise(target, 'arguments');
        cached.count('bypass');
        return next(call);
      }
      const known = this.cache.peek(key, cached);
      if (known === undefined) return this.#through(key, cached, call, next);
      cached.count('hit');
      return Promise.resolve(known.value);
    };
  }

  /** Outside the pipeline nobody knows what a call says to its client, so nothing is kept. */
  override around<T>(_call: Call, next: () => Promise<T>): Promise<T> {
    return next();
  }

  async #through(key: string, cached: CachedTarget, call: Call, next: Next): Promise<unknown> {
    for (;;) {
      const flight = this.cache.flight(key, cached);
      const looked = flight.lookup instanceof Promise ? await flight.lookup : flight.lookup;
      if (looked.found) {
        flight.close();
        cached.count('hit');
        return looked.value;
      }
      const ownResult: CacheResult = looked.failed ? 'error' : 'miss';
      let joined: Joined;
      try {
        joined = await flight.join(call, next);
      } catch (error) {
        cached.count(ownResult);
        throw error;
      }
      if (joined.kind === 'again') continue;
      if (joined.kind === 'alone' || !joined.shared) this.cache.advise(cached.target, 'talks');
      if (joined.kind === 'alone') {
        cached.count('bypass');
        return next(call);
      }
      cached.count(!joined.shared ? 'bypass' : joined.ran ? ownResult : 'hit');
      return joined.value;
    }
  }
}

/** A call in the course of one of the same target must not wait for it: that one waits for this. */
function isWithin({ parent }: Call, target: Target): boolean {
  for (let outer = parent; outer !== undefined; outer = outer.parent) {
    if (outer.targetIfFound === target) return true;
  }
  return false;
}
