import { Injectable } from '@nestjs/common';
import { AsyncInterceptor, type Call, type MaybePromise, type Target } from '../core/index.js';
import type { Flight, Joined, Next } from './flight.js';
import type { Found, Lookup } from './result-store.js';
import { ToolCache, type CacheResult, type CachedTarget } from './tool-cache.js';

/**
 * Takes a call one step further. `next` runs the rest under the call that it is given, and is called at most once. Both
 * return a value or a promise of it, and may throw.
 */
export type CacheStep = (call: Call, next: Next) => unknown;

/** One caller who found nothing at once. */
interface Seeker {
  readonly key: string;
  readonly cached: CachedTarget;
  readonly call: Call;
  readonly next: Next;
}

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
      const known = this.#find(key, cached);
      return known === undefined ? this.#seek({ key, cached, call, next }) : known.value;
    };
  }

  /** Outside the pipeline nobody knows what a call says to its client, so nothing is kept. */
  override around<T>(_call: Call, next: () => Promise<T>): Promise<T> {
    return next();
  }

  /** What can be had at once. */
  #find(key: string, cached: CachedTarget): Found | undefined {
    const known = this.cache.peek(key, cached);
    if (known !== undefined) cached.count('hit');
    return known;
  }

  #seek(seeker: Seeker): MaybePromise<unknown> {
    const flight = this.cache.flight(seeker.key, seeker.cached);
    const { lookup } = flight;
    return lookup instanceof Promise
      ? lookup.then((looked) => this.#join(flight, looked, seeker))
      : this.#join(flight, lookup, seeker);
  }

  #join(flight: Flight, looked: Lookup, seeker: Seeker): MaybePromise<unknown> {
    const { cached, call, next } = seeker;
    if (looked.found) {
      flight.close();
      cached.count('hit');
      return looked.value;
    }
    const ownResult: CacheResult = looked.failed ? 'error' : 'miss';
    let joined: MaybePromise<Joined>;
    try {
      joined = flight.join(call, next);
    } catch (error) {
      cached.count(ownResult);
      throw error;
    }
    if (!(joined instanceof Promise)) return this.#landed(joined, ownResult, seeker);
    return joined.then(
      (landed) => this.#landed(landed, ownResult, seeker),
      (error: unknown) => {
        cached.count(ownResult);
        throw error;
      },
    );
  }

  #landed(joined: Joined, ownResult: CacheResult, seeker: Seeker): MaybePromise<unknown> {
    const { key, cached, call, next } = seeker;
    if (joined.kind === 'again') {
      const known = this.#find(key, cached);
      return known === undefined ? this.#seek(seeker) : known.value;
    }
    if (joined.kind === 'alone' || !joined.shared) this.cache.advise(cached.target, 'talks');
    if (joined.kind === 'alone') {
      cached.count('bypass');
      return next(call);
    }
    cached.count(!joined.shared ? 'bypass' : joined.ran ? ownResult : 'hit');
    return joined.value;
  }
}

/** A call in the course of one of the same target must not wait for it: that one waits for this. */
function isWithin({ parent }: Call, target: Target): boolean {
  for (let outer = parent; outer !== undefined; outer = outer.parent) {
    if (outer.targetIfFound === target) return true;
  }
  return false;
}
