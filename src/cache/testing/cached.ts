import { Keyv } from 'keyv';
import {
  Call,
  InMemoryTelemetry,
  NO_ARGUMENTS,
  type CallInit,
  type CallKind,
  type Policy,
  type Principal,
  type Target,
} from '../../core/index.js';
import type { CacheBackEnd } from '../cache-back-end.js';
import { cacheOptions, type CacheOptions } from '../cache.options.js';
import { LocalResults } from '../local-results.js';
import { MemoryCacheStore } from '../memory-cache-store.js';
import { ToolCache } from '../tool-cache.js';
import { ToolCacheInterceptor } from '../tool-cache.interceptor.js';

/** A cache in memory with a clock of its own, and what calls of its targets come to. */
export interface CacheBench {
  readonly cache: ToolCache;
  readonly interceptor: ToolCacheInterceptor;
  readonly store: MemoryCacheStore;
  readonly pass: (ms: number) => void;
  /** `rookery_cache_requests_total`, by result. */
  readonly counted: () => Readonly<Record<string, number>>;
  /** A target and the way to call it, as the pipeline does: raced against the end of the call. */
  readonly target: (policy: Policy, body: (call: Call) => unknown, more?: TargetParts) => CalledTarget;
}

/** What tests say of a target. */
export interface TargetParts {
  readonly name?: string;
  readonly kind?: CallKind;
  readonly options?: object;
  readonly task?: Target['task'];
}

/** Takes calls of one target past the cache to its body. */
export interface CalledTarget {
  readonly target: Target;
  call(input?: unknown, init?: Partial<CallInit>): Promise<unknown>;
  run(call: Call): Promise<unknown>;
  newCall(input?: unknown, init?: Partial<CallInit>): Call;
}

class Tools {
  echo(): void {}
}

export function targetOf(
  policy: Policy,
  { name = 'echo', kind = 'tool', options = {}, task }: TargetParts = {},
): Target {
  return {
    kind,
    name,
    policy,
    options,
    task,
    origin: { type: Tools, methodName: name, handler: () => undefined },
    input: { jsonSchema: NO_ARGUMENTS, parse: (value: unknown) => ({ ok: true, value }) },
    body: () => undefined,
  } as Target;
}

export function principal(id: string, more: Partial<Principal> = {}): Principal {
  return { id, roles: [], permissions: [], attributes: {}, ...more };
}

export function cacheBench(given: Partial<CacheOptions> = {}): CacheBench {
  const options: CacheOptions = { ...cacheOptions.parse({}), ...given };
  let now = Date.now();
  const store = new MemoryCacheStore({ maxSize: options.maxSize, now: () => now });
  const keyv = new Keyv({ store, useKeyPrefix: false });
  const backEnd: CacheBackEnd = { keyv, results: new LocalResults(store), memory: store };
  const telemetry = new InMemoryTelemetry();
  const cache = new ToolCache(options, backEnd, telemetry);
  const interceptor = new ToolCacheInterceptor(cache);
  return {
    cache,
    interceptor,
    store,
    pass: (ms) => void (now += ms),
    counted: () => requestsOf(telemetry),
    target: (policy, body, more) => calledTarget(interceptor, targetOf(policy, more), body),
  };
}

export function requestsOf(telemetry: InMemoryTelemetry): Readonly<Record<string, number>> {
  const samples = telemetry.samples().filter(({ name }) => name === 'rookery_cache_requests_total');
  return Object.fromEntries(
    samples.filter((sample) => sample.value > 0).map((sample) => [sample.labels['result'], sample.value]),
  );
}

export function calledTarget(
  interceptor: ToolCacheInterceptor,
  target: Target,
  body: (call: Call) => unknown,
): CalledTarget {
  const step = interceptor.prepare(target);
  const run = async (call: Call): Promise<unknown> => call.race(step === undefined ? body(call) : step(call, body));
  const newCall = (input: unknown = {}, init: Partial<CallInit> = {}): Call => {
    const call = new Call({ kind: target.kind, name: target.name, ...init, input });
    call.bind(target, input);
    return call;
  };
  return { target, run, newCall, call: (input, init) => run(newCall(input, init)) };
}

/** A body that waits until it is told to go on, and knows how often it began and under which calls. */
export function gate(value: unknown = 'done'): {
  body: (call: Call) => Promise<unknown>;
  open: () => void;
  calls: Call[];
} {
  const calls: Call[] = [];
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return {
    calls,
    open: () => open(),
    body: async (call) => {
      calls.push(call);
      await opened;
      return value;
    },
  };
}

/** Waits until so many bodies began. */
export async function started(calls: readonly unknown[], number = 1): Promise<void> {
  for (let turn = 0; calls.length < number; turn++) {
    if (turn > 1_000) throw new Error(`${calls.length} began, not ${number}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}
