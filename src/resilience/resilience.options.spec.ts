import { describe, expect, it } from 'vitest';
import { PolicyKeys } from '../core/index.js';
import { rateLimitsOf } from './limits/rate-limits.js';
import { definePolicyKeys } from './resilience-policy.js';
import {
  circuitBreakerOptions,
  limitsOptions,
  rateLimitOptions,
  resilienceOptions,
  timeoutsOptions,
} from './resilience.options.js';

const faultsOf = (schema: typeof resilienceOptions, value: object): readonly string[] =>
  schema.safeParse(value).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];
const faults = (value: object): readonly string[] => faultsOf(resilienceOptions, value);

describe('the options of resilience', () => {
  it('have a default for every key that needs one', () => {
    expect(resilienceOptions.parse({})).toEqual({
      rateLimit: { enabled: true, perUserLimits: {}, onStoreFailure: 'local', storeTimeoutMs: 250, maxKeys: 100_000 },
      circuitBreaker: { enabled: true, failureThreshold: 5, timeoutSeconds: 30, halfOpenMaxCalls: 3 },
      limits: { maxConcurrency: 1_000, maxQueue: 100, maxWaitMs: 1_000, eventLoopDelayMs: 500 },
      timeouts: { defaultMs: 30_000, taskMs: 3_600_000 },
    });
  });

  it('[R4] mean the same in both vocabularies of the guide', () => {
    const [first, second] = [
      { requestsPerMinute: 100, burstSize: 20 },
      { perUserRequestsPerMinute: 100, burstSize: 20 },
    ].map((options) => rateLimitsOf(rateLimitOptions.parse(options)));
    expect(first).toEqual(second);
    expect(first?.principal).toEqual([
      { name: 'principal', limit: 100, windowMs: 60_000 },
      { name: 'principal_burst', limit: 20, windowMs: 1_000 },
    ]);
  });

  it('[R4] take both configurations of the guide', () => {
    const perUserLimits = { 'admin-key': 1000, 'user-key': 500, 'readonly-key': 100 };
    const server = rateLimitsOf(rateLimitOptions.parse({ requestsPerMinute: 100, burstSize: 20, perUserLimits }));
    expect(server.overrides.get('admin-key')?.map(({ limit }) => limit)).toEqual([1000, 20]);
    const production = { globalRequestsPerMinute: 1000, perUserRequestsPerMinute: 100, burstSize: 50 };
    expect(rateLimitsOf(rateLimitOptions.parse(production)).global.map(({ limit }) => limit)).toEqual([1000]);
    expect(
      circuitBreakerOptions.safeParse({ failureThreshold: 5, timeoutSeconds: 30, halfOpenMaxCalls: 3 }).success,
    ).toBe(true);
  });

  it('[R4] take an override with a burst of its own', () => {
    const perUserLimits = { a: { requestsPerMinute: 10, burstSize: 5 }, b: 50, c: { burstSize: 60 } };
    expect(faults({ rateLimit: { requestsPerMinute: 100, burstSize: 50, perUserLimits } })).toEqual([]);
  });

  it.each<[string, object, string]>([
    [
      'two names that disagree',
      { rateLimit: { requestsPerMinute: 1, perUserRequestsPerMinute: 2 } },
      'rateLimit.perUserRequestsPerMinute: says 2',
    ],
    ['a negative limit', { rateLimit: { requestsPerMinute: -1 } }, 'rateLimit.requestsPerMinute: must be 1 or more'],
    [
      'a limit of nothing',
      { rateLimit: { globalRequestsPerMinute: 0 } },
      'rateLimit.globalRequestsPerMinute: must be 1',
    ],
    ['half a call', { rateLimit: { burstSize: 1.5 } }, 'rateLimit.burstSize: must be a whole number'],
    [
      'a burst that no minute allows',
      { rateLimit: { requestsPerMinute: 10, burstSize: 11 } },
      'rateLimit.burstSize: allows more calls in a second',
    ],
    [
      'one of more than all',
      { rateLimit: { requestsPerMinute: 11, globalRequestsPerMinute: 10 } },
      'rateLimit.requestsPerMinute: is more than globalRequestsPerMinute (10)',
    ],
    [
      'one under its other name',
      { rateLimit: { perUserRequestsPerMinute: 11, globalRequestsPerMinute: 10 } },
      'rateLimit.perUserRequestsPerMinute: is more',
    ],
    [
      'an override of more than all',
      { rateLimit: { globalRequestsPerMinute: 10, perUserLimits: { a: 11 } } },
      'rateLimit.perUserLimits.a: is more',
    ],
    [
      'an override of fewer a minute than the burst that it takes over',
      { rateLimit: { burstSize: 50, perUserLimits: { a: 10 } } },
      'rateLimit.perUserLimits.a: lets fewer calls through in a minute than rateLimit.burstSize (50)',
    ],
    [
      'an override of a burst that the minute it takes over does not allow',
      { rateLimit: { requestsPerMinute: 10, perUserLimits: { a: { burstSize: 11 } } } },
      'rateLimit.perUserLimits.a.burstSize: allows more calls in a second than rateLimit.requestsPerMinute (10)',
    ],
    [
      'a burst of more than all',
      { rateLimit: { globalRequestsPerMinute: 10, burstSize: 11 } },
      'rateLimit.burstSize: is more',
    ],
    [
      'a negative threshold',
      { circuitBreaker: { failureThreshold: -5 } },
      'circuitBreaker.failureThreshold: must be 1',
    ],
    [
      'a breaker that never stays open',
      { circuitBreaker: { timeoutSeconds: 0 } },
      'circuitBreaker.timeoutSeconds: must be more than 0',
    ],
    [
      'a breaker that never tries',
      { circuitBreaker: { halfOpenMaxCalls: 0 } },
      'circuitBreaker.halfOpenMaxCalls: must be 1',
    ],
    [
      'one tool of more than all',
      { limits: { maxConcurrency: 5, perTool: 6 } },
      'limits.perTool: is more than maxConcurrency (5)',
    ],
    ['a negative wait', { limits: { maxWaitMs: -1 } }, 'limits.maxWaitMs:'],
    ['a negative timeout', { timeouts: { defaultMs: -1 } }, 'timeouts.defaultMs: must be 0'],
    ['an unknown store reaction', { rateLimit: { onStoreFailure: 'ignore' } }, 'rateLimit.onStoreFailure:'],
    ['an unknown key', { limits: { concurrency: 5 } }, 'limits: Unrecognized key'],
  ])('refuse %s with its path and the reason', (_what, options, fault) => {
    expect(faults(options)).toHaveLength(1);
    expect(faults(options)[0]).toContain(fault);
  });

  it('describe every key', () => {
    for (const section of [rateLimitOptions, circuitBreakerOptions, limitsOptions, timeoutsOptions]) {
      for (const [key, schema] of Object.entries(section.shape)) expect(schema.description, key).toBeTruthy();
    }
  });
});

describe('the policy keys of resilience', () => {
  const keys = new PolicyKeys();
  definePolicyKeys(keys, resilienceOptions.parse({ limits: { maxConcurrency: 50 } }));

  it.each<object>([
    { rateLimit: 50, breaker: true, timeoutMs: 0, maxConcurrency: 50 },
    {
      rateLimit: { requestsPerMinute: 50, burstSize: 5 },
      breaker: { name: 'db', failureThreshold: 1 },
      timeoutMs: 100,
    },
    { rateLimit: { burstSize: 5 }, breaker: false },
    { rateLimit: undefined, breaker: undefined, timeoutMs: undefined, maxConcurrency: undefined },
  ])('take %j', (policy) => {
    expect(keys.faultsOf(policy)).toEqual([]);
  });

  it.each<[object, string]>([
    [{ rateLimit: 0 }, 'option "rateLimit": must be calls a minute'],
    [{ rateLimit: -5 }, 'option "rateLimit"'],
    [{ rateLimit: {} }, 'option "rateLimit"'],
    [{ rateLimit: { requestsPerMinute: 5, burstSize: 6 } }, 'option "rateLimit"'],
    [{ rateLimit: '50' }, 'option "rateLimit"'],
    [{ breaker: { failureThreshold: 0 } }, 'option "breaker": must be true, false or'],
    [{ breaker: { name: 'a b' } }, 'option "breaker"'],
    [{ timeoutMs: -1 }, 'option "timeoutMs": must be 0'],
    [{ maxConcurrency: 0 }, 'option "maxConcurrency": must be 1'],
    [{ maxConcurrency: 51 }, 'option "maxConcurrency": is more than limits.maxConcurrency (50)'],
  ])('refuse %j', (policy, fault) => {
    expect(keys.faultsOf(policy).join()).toContain(fault);
  });
});
