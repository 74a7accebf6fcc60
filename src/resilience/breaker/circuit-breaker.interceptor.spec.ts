import { HttpException } from '@nestjs/common';
import { describe, expect, it, vi } from 'vitest';
import {
  CancelledError,
  ForbiddenError,
  InMemoryTelemetry,
  InvalidArgumentsError,
  MissingClientCapabilityError,
  RookeryError,
  ToolError,
  type Policy,
} from '../../core/index.js';
import { TimeoutError } from '../deadlines/timeout-error.js';
import { resilienceOptions, type ResilienceOptions } from '../resilience.options.js';
import { callTo, targetOf } from '../testing-calls.js';
import { CircuitBreakerInterceptor } from './circuit-breaker.interceptor.js';
import { CircuitBreakers } from './circuit-breakers.js';
import { InMemorySharedBreakers } from './in-memory-shared-breakers.js';
import type { SharedBreakers } from './shared-breakers.js';

const optionsOf = (circuitBreaker: object = {}): ResilienceOptions =>
  resilienceOptions.parse({ circuitBreaker: { failureThreshold: 2, timeoutSeconds: 30, ...circuitBreaker } });

class Bench {
  readonly telemetry = new InMemoryTelemetry();
  readonly breakers: CircuitBreakers;
  readonly interceptor: CircuitBreakerInterceptor;

  constructor(options = optionsOf(), shared?: SharedBreakers) {
    this.breakers = new CircuitBreakers(options, this.telemetry, shared);
    this.interceptor = new CircuitBreakerInterceptor(this.breakers, options);
  }

  async run(end: () => Promise<unknown>, policy: Policy = {}, name = 'search'): Promise<unknown> {
    const target = targetOf({ policy, name });
    return this.interceptor.around(callTo(target), end).catch((thrown: unknown) => thrown);
  }

  stateOf(name = 'search'): string | undefined {
    return this.breakers.status().find((breaker) => breaker.name === name)?.state;
  }
}

const throwing = (error: unknown) => async (): Promise<never> => {
  throw error;
};

describe('CircuitBreakerInterceptor', () => {
  it('[R5] refuses calls of a tool that keeps breaking, with the time left, and no others', async () => {
    const bench = new Bench();
    for (let fault = 0; fault < 2; fault++) await bench.run(throwing(new TypeError('broken')));
    expect(await bench.run(async () => expect.unreachable())).toMatchObject({
      code: 'breaker_open',
      details: { retryAfter: 30, breaker: 'search' },
    });
    expect(await bench.run(async () => 'fine', {}, 'other')).toBe('fine');
    expect(bench.telemetry.samples()).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ name: 'rookery_breaker_state', labels: { tool: 'search' }, value: 2 }),
        expect.objectContaining({ name: 'rookery_breaker_state', labels: { tool: 'other' }, value: 0 }),
        expect.objectContaining({
          name: 'rookery_breaker_transitions_total',
          labels: { tool: 'search', state: 'open' },
          value: 1,
        }),
      ]),
    );
  });

  it.each<[string, unknown]>([
    ['a timeout', new TimeoutError('search', 5)],
    ['an unexpected error', new Error('ECONNREFUSED')],
    ['something that is no error', 'oops'],
    ['an HttpException of the server', new HttpException('broken', 500)],
  ])('[R5] counts %s as a fault of the tool', async (_what, thrown) => {
    const bench = new Bench();
    for (let fault = 0; fault < 2; fault++) expect(await bench.run(throwing(thrown))).toBe(thrown);
    expect(bench.stateOf()).toBe('open');
  });

  it.each<[string, unknown]>([
    ['a refusal', new ForbiddenError()],
    ['bad arguments', new InvalidArgumentsError([{ path: 'a', message: 'is wrong' }])],
    ['a cancellation', new CancelledError()],
    ['an expected error', new ToolError('no such document')],
    ['a limit further down', new RookeryError('rate_limited', 'slow down', { retryAfter: 1 })],
    ['a breaker further down', new RookeryError('breaker_open', 'later', { retryAfter: 1 })],
    ['what the client cannot do', new MissingClientCapabilityError({ elicitation: {} })],
    ['an HttpException of the caller', new HttpException('wrong', 422)],
  ])('[R5] does not count %s', async (_what, thrown) => {
    const bench = new Bench();
    for (let call = 0; call < 10; call++) await bench.run(throwing(thrown));
    expect(bench.stateOf()).toBe('closed');
  });

  it('[R5] takes an expected error as a sign of life, a refusal as none', async () => {
    const bench = new Bench();
    const faults = async (between: unknown): Promise<string | undefined> => {
      for (const error of [new Error('broken'), between, new Error('broken')]) await bench.run(throwing(error));
      return bench.stateOf();
    };
    expect(await faults(new ToolError('no such document'))).toBe('closed');
    expect(await faults(new ForbiddenError())).toBe('open');
  });

  it('counts expected errors where the tool says so', async () => {
    const bench = new Bench();
    for (let call = 0; call < 2; call++)
      await bench.run(throwing(new ToolError('down')), { breaker: { countToolErrors: true } });
    expect(bench.stateOf()).toBe('open');
  });

  it('[S12] judges a call that timed out at once, and not again when it comes back', async () => {
    const bench = new Bench();
    const target = targetOf({ name: 'search' });
    const settle: (() => void)[] = [];
    const hanging = Array.from({ length: 2 }, () => {
      const call = callTo(target);
      void bench.interceptor.around(call, () => new Promise<void>((resolve) => settle.push(resolve)));
      return call;
    });
    for (const call of hanging) call.abort(new TimeoutError('search', 5));
    expect(bench.stateOf()).toBe('open');
    for (const late of settle) late();
    await Promise.resolve();
    expect(bench.stateOf()).toBe('open');
  });

  it('is shared by tools that give one name, and says so when they want different settings', async () => {
    const bench = new Bench();
    const policy = { breaker: { name: 'database', failureThreshold: 1 } };
    await bench.run(throwing(new Error('broken')), policy, 'one');
    expect(await bench.run(async () => 'fine', policy, 'two')).toMatchObject({ code: 'breaker_open' });
    expect(() => bench.interceptor.prepare(targetOf({ policy: { breaker: { name: 'database' } } }))).toThrow(
      'The circuit breaker "database" is used with two different settings',
    );
  });

  it('has nothing to do where a breaker is off', () => {
    const prepared = (policy: Policy, options?: object, kind: 'tool' | 'resource' = 'tool'): unknown =>
      new Bench(optionsOf(options)).interceptor.prepare(targetOf({ policy, kind }));
    expect(prepared({ breaker: false })).toBeUndefined();
    expect(prepared({ breaker: true }, { enabled: false })).toBeUndefined();
    expect(prepared({}, {}, 'resource')).toBeUndefined();
    expect(prepared({ breaker: true }, {}, 'resource')).toBeDefined();
  });

  it('[R5] is nowhere when breakers are off: whatever has one by name is let through', async () => {
    const { breakers, telemetry } = new Bench(optionsOf({ enabled: false }));
    const breaker = breakers.get('llm:it', { failureThreshold: 1 });
    for (let fault = 0; fault < 3; fault++) {
      const permit = await breaker.enter();
      expect(permit).toBeDefined();
      breaker.failed(permit ?? 0);
    }
    expect([breaker.state, breaker.retryAfterMs]).toEqual(['closed', 0]);
    expect([breakers.status(), breakers.reset('llm:it'), telemetry.samples()]).toEqual([[], false, []]);
  });

  it('[R5] is closed by hand', async () => {
    const bench = new Bench();
    for (let fault = 0; fault < 2; fault++) await bench.run(throwing(new Error('broken')));
    expect([bench.breakers.reset('search'), bench.breakers.reset('nothing')]).toEqual([true, false]);
    expect(await bench.run(async () => 'fine')).toBe('fine');
  });
});

describe('CircuitBreakerInterceptor of one of several processes', () => {
  const HALF_OPEN_SOON = { failureThreshold: 1, timeoutSeconds: 0.001, halfOpenMaxCalls: 1 };

  /** Two processes, in one of which a tool has failed so that its breaker may be tried. */
  async function tryable(): Promise<readonly [Bench, Bench]> {
    let now = 0;
    const shared = new InMemorySharedBreakers(() => now);
    const benches = [1, 2].map(() => new Bench(optionsOf(HALF_OPEN_SOON), shared)) as [Bench, Bench];
    await benches[0].run(throwing(new Error('broken')));
    // The clock of what they share stands from here on: no trial loses its place.
    now += 1;
    await vi.waitFor(() => {
      for (const { breakers } of benches) expect(breakers.get('search').retryAfterMs).toBe(0);
    });
    expect(benches.map((bench) => bench.stateOf())).toEqual(['open', 'open']);
    return benches;
  }

  it('[R5] refuses calls of a tool that keeps breaking in the others, with the time left', async () => {
    const shared = new InMemorySharedBreakers();
    const [one, two] = [new Bench(optionsOf(), shared), new Bench(optionsOf(), shared)];
    await one.run(throwing(new Error('broken')));
    await two.run(throwing(new Error('broken')));
    for (const bench of [one, two]) {
      const refused = await bench.run(async () => expect.unreachable());
      expect(refused).toMatchObject({ code: 'breaker_open', details: { retryAfter: 30, breaker: 'search' } });
    }
    expect(one.breakers.shared).toBe(true);
  });

  it('[R5] lets one of them try, and refuses the other', async () => {
    const [one, two] = await tryable();
    let finish = (): void => undefined;
    const trial = one.run(() => new Promise<void>((resolve) => (finish = resolve)));
    expect(await two.run(async () => expect.unreachable())).toMatchObject({ code: 'breaker_open' });
    finish();
    await trial;
    expect([one.stateOf(), two.stateOf()]).toEqual(['closed', 'closed']);
    expect(await two.run(async () => 'fine')).toBe('fine');
  });

  it('[S12] holds nothing against a tool whose caller goes away while a trial is asked for', async () => {
    const [one, two] = await tryable();
    const call = callTo(targetOf({ name: 'search' }));
    const waiting = one.interceptor.around(call, async () => expect.unreachable());
    const reason = new TimeoutError('search', 5);
    call.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(one.stateOf()).toBe('half-open');
    expect(await two.run(async () => 'fine')).toBe('fine');
  });

  it('[R5] shows what others have opened though it was never called here, and closes it by hand', async () => {
    const shared = new InMemorySharedBreakers();
    const [one, two] = [new Bench(optionsOf({ failureThreshold: 1 }), shared), new Bench(optionsOf(), shared)];
    await one.run(throwing(new Error('broken')));
    expect(two.breakers.status()).toEqual([{ name: 'search', state: 'open', faults: 0, retryAfterSeconds: 30 }]);
    expect([two.breakers.reset('search'), two.breakers.reset('nothing')]).toEqual([true, false]);
    await vi.waitFor(() => expect(one.stateOf()).toBe('closed'));
    expect(two.breakers.status()).toEqual([]);
  });

  it('shares nothing that is to be local, or cannot be named alike everywhere', async () => {
    const shared = new InMemorySharedBreakers();
    const [one, two] = [new Bench(optionsOf(), shared), new Bench(optionsOf(), shared)];
    const settings = { failureThreshold: 1 };
    one.breakers.local('store', settings).failed(0);
    expect(two.breakers.local('store', settings).state).toBe('closed');
    expect(one.breakers.get('store').state).toBe('open');
    for (const name of ['x'.repeat(257), '\ud800']) {
      expect(one.breakers.get(name).enter()).toBe(0);
      one.breakers.get(name).failed(0);
      one.breakers.get(name).failed(0);
      expect([one.stateOf(name), two.breakers.get(name).state]).toEqual(['open', 'closed']);
    }
    one.breakers.get('tool');
    expect(() => one.breakers.local('tool', {})).toThrow('is shared already');
  });
});
