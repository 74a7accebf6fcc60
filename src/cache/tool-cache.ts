import { Injectable, Logger, Optional } from '@nestjs/common';
import {
  InFlightMap,
  NoTracer,
  RookeryError,
  ServerStatus,
  Telemetry,
  Tracer,
  isToolResult,
  type SpanAttributes,
  type Target,
} from '../core/index.js';
import { CacheBackEnd } from './cache-back-end.js';
import { CacheKeys } from './cache-keys.js';
import { CacheOptions } from './cache.options.js';
import { EVERYTHING, cachePlanOf, tagMark, targetMark, type CachePlan } from './cache-plan.js';
import { Flight } from './flight.js';
import { frozenJson, type Unkept } from './json-value.js';
import type { Found, Lookup } from './result-store.js';

/** What is to be removed; whatever one of them names. */
export interface Invalidation {
  /** `cacheTags`, and the names of `cacheKey`. */
  readonly tags?: readonly string[] | undefined;
  /** The name of a tool. */
  readonly tool?: string | undefined;
  /** The name of a resource. */
  readonly resource?: string | undefined;
  /** The name of a prompt. */
  readonly prompt?: string | undefined;
}

/** How a call came by its result: from the cache or somebody's execution, by its own, past the cache, without its answer. */
export type CacheResult = 'hit' | 'miss' | 'bypass' | 'error';

/** What operators and health see of the cache. */
export interface CacheStatus {
  readonly enabled: boolean;
  readonly backend: 'memory' | 'redis';
  /** Whether the store answered when last asked. */
  readonly available: boolean;
  /** Entries in this process, those of teams included; `undefined` for a shared store. */
  readonly entries: number | undefined;
  readonly maxSize: number | undefined;
  /** Entries that had to go before their time, since the start. */
  readonly evicted: number | undefined;
  /** Calls of cached targets since the start, in this process. */
  readonly requests: Readonly<Record<CacheResult, number>>;
  /** Hits in all requests; `undefined` before the first. */
  readonly hitRate: number | undefined;
  /** Executions under way that callers may join. */
  readonly underWay: number;
}

/** Why a result was not kept, or could not be looked for. */
type Reason = Unkept | 'arguments' | 'talks';

const ADVICE: Readonly<Record<Reason, string>> = {
  not_json: 'its results are no JSON (bytes, a map, a bigint, a cycle): return JSON, or remove its cacheTtl',
  too_large: 'a result is larger than cache.maxEntryBytes: return less, or raise it',
  arguments: 'its schema makes of arguments what may hold more than can be seen: give that class a plain form',
  talks: 'it talks to its client (asks, progress, log, what it supports): remove that, or its cacheTtl',
};

/** A target as the cache serves it. */
export interface CachedTarget {
  readonly plan: CachePlan;
  readonly keyOf: ReturnType<CacheKeys['of']>;
  readonly count: (result: CacheResult) => void;
  readonly target: Target;
}

/** What the span of a call says of its result, made once. */
const CACHE_EVENTS: Readonly<Record<CacheResult, SpanAttributes>> = {
  hit: { 'rookery.cache.result': 'hit' },
  miss: { 'rookery.cache.result': 'miss' },
  bypass: { 'rookery.cache.result': 'bypass' },
  error: { 'rookery.cache.result': 'error' },
};

/** The results of tools, resources and prompts that ask to be cached. Inject it to remove what is out of date. */
@Injectable()
export class ToolCache {
  readonly #flights = new InFlightMap<string, { readonly flight: Flight; readonly marks: readonly string[] }>();
  readonly #requests = { hit: 0, miss: 0, bypass: 0, error: 0 };
  readonly #advised = new Set<string>();
  readonly #logger = new Logger('Cache');
  readonly #keys: CacheKeys;
  readonly #counter;
  readonly #errors;

  constructor(
    private readonly options: CacheOptions,
    private readonly backEnd: CacheBackEnd,
    telemetry: Telemetry,
    @Optional() status?: ServerStatus,
    @Optional() private readonly tracer: Tracer = new NoTracer(),
  ) {
    this.#keys = new CacheKeys(status?.identity ?? { name: '', version: '' });
    this.#counter = telemetry.counter({
      name: 'rookery_cache_requests_total',
      help: 'Calls of cached targets, by how they came by their result.',
      labels: ['tool', 'result'],
    });
    this.#errors = cacheErrors(telemetry);
  }

  /**
   * Removes results. When it resolves, calls find none of them and join no execution in this process that began before;
   * one that another process is making is not kept.
   *
   * @throws RookeryError `overloaded` when a shared store does not answer, `invalid_arguments` when nothing is named
   */
  async invalidate({ tags = [], tool, resource, prompt }: Invalidation): Promise<void> {
    const marks = tags.map(tagMark);
    if (tool !== undefined) marks.push(targetMark('tool', tool));
    if (resource !== undefined) marks.push(targetMark('resource', resource));
    if (prompt !== undefined) marks.push(targetMark('prompt', prompt));
    if (marks.length === 0) {
      throw new RookeryError('invalid_arguments', 'Name tags, a tool, a resource or a prompt; clear() removes all.');
    }
    await this.#forget(marks);
  }

  /** Removes all results, as {@link invalidate} does; not what teams keep by `CACHE_MANAGER`. */
  async clear(): Promise<void> {
    await this.#forget([EVERYTHING]);
  }

  status(): CacheStatus {
    const { enabled, backend, maxSize } = this.options;
    const { memory, results } = this.backEnd;
    const { hit, miss, bypass, error } = this.#requests;
    const all = hit + miss + bypass + error;
    return {
      enabled,
      backend,
      available: results.available,
      entries: memory?.size,
      maxSize: memory === undefined ? undefined : maxSize,
      evicted: memory?.evicted,
      requests: { ...this.#requests },
      hitRate: all === 0 ? undefined : hit / all,
      underWay: this.#flights.size,
    };
  }

  /** Gets ready for a target; `undefined` for one that is not cached. @throws Error naming class and method */
  serve(target: Target): CachedTarget | undefined {
    const plan = cachePlanOf(target, this.options.defaultTtl);
    if (plan === undefined || !this.options.enabled) return undefined;
    // Tools go by their name; what else is cached says what it is.
    const tool = target.kind === 'tool' ? target.name : `${target.kind}:${target.name}`;
    const series = (result: CacheResult): { add(value: number): void } => this.#counter.bind({ tool, result });
    const bound = { hit: series('hit'), miss: series('miss'), bypass: series('bypass'), error: series('error') };
    const count = (result: CacheResult): void => {
      this.#requests[result]++;
      bound[result].add(1);
      this.tracer.event('rookery.cache', CACHE_EVENTS[result]);
    };
    return { plan, keyOf: this.#keys.of(target, plan), count, target };
  }

  /** A result that can be had at once. */
  peek(key: string, { plan }: CachedTarget): Found | undefined {
    return this.backEnd.results.peek(key, plan.marks);
  }

  /** The flight of all who want this result now. */
  flight(key: string, cached: CachedTarget): Flight {
    const known = this.#flights.get(key);
    if (known !== undefined) return known.flight;
    const { marks } = cached.plan;
    const lookup = this.backEnd.results.read(key, marks);
    const close = (): void => {
      if (this.#flights.get(key)?.flight === flight) this.#flights.delete(key);
    };
    const flight: Flight = new Flight({ lookup, close, keep: (value) => this.#keep(key, cached, value, lookup) });
    this.#flights.set(key, { flight, marks });
    return flight;
  }

  /** Says once what keeps a target from being cached. */
  advise({ kind, name }: Target, reason: Reason): void {
    const about = `${kind}:${name}:${reason}`;
    if (this.#advised.has(about)) return;
    this.#advised.add(about);
    this.#logger.warn({ msg: `results of a cached ${kind} are not kept`, target: name, reason: ADVICE[reason] });
  }

  /** Gives a result its lasting form, and keeps it where it may be. */
  #keep(
    key: string,
    { plan, target }: CachedTarget,
    value: unknown,
    lookup: Lookup | Promise<Lookup>,
  ): { readonly value: unknown; readonly kept: Promise<void> | undefined } {
    const frozen = frozenJson(value, this.options.maxEntryBytes);
    if (typeof frozen === 'string') {
      this.#errors.bind({ reason: frozen }).add(1);
      this.advise(target, frozen);
      return { value, kept: undefined };
    }
    if (isToolResult(value) && value.isError === true) return { value: frozen.value, kept: undefined };
    return { value: frozen.value, kept: this.#write(key, plan, frozen.value, lookup) };
  }

  #write(key: string, plan: CachePlan, value: unknown, looked: Lookup | Promise<Lookup>): Promise<void> | undefined {
    if (looked instanceof Promise) return looked.then((settled) => this.#write(key, plan, value, settled));
    if (looked.found || looked.stamp === undefined) return undefined;
    return this.backEnd.results.write(key, value, plan.ttlMs, plan.marks, looked.stamp);
  }

  async #forget(marks: readonly string[]): Promise<void> {
    const leave = (): void => {
      for (const [key, { marks: own }] of this.#flights.entries()) {
        if (own.some((mark) => marks.includes(mark))) this.#flights.delete(key);
      }
    };
    leave();
    await this.backEnd.results.invalidate(marks);
    // Who looked between the two saw the store as it was.
    leave();
  }
}

/** Failures of the cache that no call is told of. */
export function cacheErrors(telemetry: Telemetry): ReturnType<Telemetry['counter']> {
  return telemetry.counter({
    name: 'rookery_cache_errors_total',
    help: 'What kept the cache from serving: failures of its store, and results that cannot be kept, by reason.',
    labels: ['reason'],
  });
}
