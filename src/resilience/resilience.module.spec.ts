import 'reflect-metadata';
import { Controller, Get, Injectable, Module, UseGuards, UseInterceptors } from '@nestjs/common';
import { ExecutionContextHost } from '@nestjs/core/internal';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test, type TestingModule } from '@nestjs/testing';
import { SkipThrottle, Throttle, ThrottlerGuard, type ThrottlerStorage } from '@nestjs/throttler';
import { afterEach, describe, expect, it } from 'vitest';
import {
  CoreModule,
  MCP_CONTEXT,
  PolicyKeys,
  RookeryError,
  TargetRegistries,
  TargetRegistry,
  Telemetry,
  type CallCheck,
  type Principal,
  type Target,
  type TargetOrigin,
} from '../core/index.js';
import { CircuitBreakerInterceptor } from './breaker/circuit-breaker.interceptor.js';
import { RateLimitGuard } from './limits/rate-limit.guard.js';
import { ResilienceModule, type ResilienceExtras, type ResilienceModuleOptions } from './resilience.module.js';
import { ResilienceStatus } from './resilience-status.js';
import { ResilienceOptions } from './resilience.options.js';
import { callTo, targetOf } from './testing-calls.js';

class Throttled {
  @Throttle({ default: { limit: 1, ttl: 1_000 } })
  throttled(): void {}

  @SkipThrottle()
  skipping(): void {}

  @SkipThrottle({ global: true })
  skippingGlobal(): void {}

  @Throttle({ default: { limit: () => 5, ttl: 1_000 } })
  computed(): void {}

  @Throttle({ default: { limit: 5, ttl: 1_000, blockDuration: 9_000 } })
  blocking(): void {}
}

const originOf = (methodName: keyof Throttled): TargetOrigin => ({
  type: Throttled,
  methodName,
  handler: Object.getOwnPropertyDescriptor(Throttled.prototype, methodName)?.value as TargetOrigin['handler'],
});

const principal = (id: string, issuer?: string): Principal => ({
  id,
  issuer,
  roles: [],
  permissions: [],
  attributes: {},
});

@Controller()
class Orders {
  calls = 0;

  @Get('stock')
  @UseGuards(ThrottlerGuard)
  stock(): string {
    return 'stock';
  }

  @Get('ours')
  @UseGuards(RateLimitGuard)
  ours(): string {
    return 'ours';
  }

  @Get('broken')
  @UseInterceptors(CircuitBreakerInterceptor)
  broken(): never {
    this.calls++;
    throw new Error('broken');
  }
}

@Injectable()
class Tools extends TargetRegistry {
  override readonly kind = 'tool';
}

@Module({ controllers: [Orders] })
class OrdersModule {}

describe('ResilienceModule', () => {
  const open: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const app of open.splice(0)) await app.close();
  });

  const build = (options: ResilienceModuleOptions & ResilienceExtras): Promise<TestingModule> =>
    Test.createTestingModule({ imports: [CoreModule, ResilienceModule.forRoot(options), OrdersModule] }).compile();

  const serve = async (options: ResilienceModuleOptions & ResilienceExtras): Promise<NestFastifyApplication> => {
    const app = (await build(options)).createNestApplication<NestFastifyApplication>(new FastifyAdapter());
    app.useLogger(false);
    open.push(app);
    await app.init();
    return app;
  };

  const guardOf = async (options: ResilienceModuleOptions & ResilienceExtras): Promise<RateLimitGuard> => {
    const module = await build(options);
    open.push(module);
    await module.init();
    return module.get(RateLimitGuard);
  };

  const check = async (prepared: CallCheck | undefined, target: Target, init = {}): Promise<unknown> => {
    try {
      await prepared?.(callTo(target, init));
      return 'ok';
    } catch (thrown) {
      return thrown instanceof RookeryError ? `${thrown.code} ${String(thrown.details['policy'])}` : thrown;
    }
  };

  const run = async (guard: RateLimitGuard, target: Target, inits: readonly object[]): Promise<readonly unknown[]> => {
    const prepared = guard.prepare(target);
    const outcomes: unknown[] = [];
    for (const init of inits) outcomes.push(await check(prepared, target, init));
    return outcomes;
  };

  describe('the limits of calls', () => {
    const [alice, bob] = [{ principal: principal('alice') }, { principal: principal('bob') }];

    it('[R4] hold per tool and principal: N pass, the next is refused with the seconds to wait, others are unaffected', async () => {
      const guard = await guardOf({});
      const search = targetOf({ policy: { rateLimit: 2 } });
      expect(await run(guard, search, [alice, alice, alice, bob])).toEqual(['ok', 'ok', 'rate_limited target', 'ok']);
      expect(await run(guard, targetOf({ name: 'other', policy: { rateLimit: 2 } }), [alice])).toEqual(['ok']);
      const refused = guard.prepare(search)?.bind(undefined, callTo(search, alice));
      expect(refused).toThrow(
        /^At most 2 calls of tool "search" are allowed in 60 seconds. Try again in \d+ seconds.$/,
      );
      try {
        await refused?.();
      } catch (thrown) {
        const { details } = thrown as RookeryError;
        expect(details).toMatchObject({ limit: 2, windowSeconds: 60, remaining: 0, policy: 'target' });
        expect(details.retryAfter).toBeGreaterThan(55);
        expect(details.retryAfter).toBeLessThanOrEqual(60);
      }
    });

    it('[R4] hold per principal over all targets, with other limits for some, and for all together', async () => {
      const guard = await guardOf({
        rateLimit: {
          requestsPerMinute: 2,
          globalRequestsPerMinute: 6,
          perUserLimits: { bob: 3, 'https://issuer.example|carol': { requestsPerMinute: 1 } },
        },
      });
      expect(await run(guard, targetOf(), [alice])).toEqual(['ok']);
      expect(await run(guard, targetOf({ kind: 'resource', name: 'r' }), [alice, alice])).toEqual([
        'ok',
        'rate_limited principal',
      ]);
      expect(await run(guard, targetOf(), [bob, bob, bob, bob])).toEqual(['ok', 'ok', 'ok', 'rate_limited principal']);
      const carol = { principal: principal('carol', 'https://issuer.example') };
      expect(await run(guard, targetOf(), [carol, carol])).toEqual(['ok', 'rate_limited principal']);
      expect(await run(guard, targetOf(), [{ principal: principal('dan') }])).toEqual(['rate_limited global']);
    });

    it('[R4] give a subject of some issuer nothing that was meant for a key of the same name', async () => {
      const guard = await guardOf({ rateLimit: { requestsPerMinute: 1, perUserLimits: { bob: 3 } } });
      const impostor = { principal: principal('bob', 'https://elsewhere.example') };
      expect(await run(guard, targetOf(), [impostor, impostor, bob, bob])).toEqual([
        'ok',
        'rate_limited principal',
        'ok',
        'ok',
      ]);
    });

    it('[R4] hold by address where nobody is known, an IPv6 customer being one', async () => {
      const guard = await guardOf({ rateLimit: { requestsPerMinute: 1 } });
      const addresses = ['192.0.2.1', '192.0.2.1', '192.0.2.2', '2001:db8::1', '2001:db8::2', '::ffff:192.0.2.2'];
      const inits = [...addresses.map((remoteAddress) => ({ remoteAddress })), {}, {}];
      expect(await run(guard, targetOf(), inits)).toEqual(
        ['ok', 'no', 'ok', 'ok', 'no', 'no', 'ok', 'no'].map((end) => (end === 'ok' ? end : 'rate_limited principal')),
      );
    });

    it('[R4] bound a burst in any second', async () => {
      const guard = await guardOf({ rateLimit: { requestsPerMinute: 100, burstSize: 3 } });
      const outcomes = await run(guard, targetOf(), [alice, alice, alice, alice]);
      expect(outcomes).toEqual(['ok', 'ok', 'ok', 'rate_limited principal_burst']);
    });

    it('count a call in the course of another one for its target only', async () => {
      const guard = await guardOf({ rateLimit: { requestsPerMinute: 1 } });
      const parent = callTo(targetOf(), alice);
      const inner = targetOf({ name: 'inner', policy: { rateLimit: 2 } });
      const nested = { ...alice, parent };
      expect(await run(guard, inner, [nested, nested, nested])).toEqual(['ok', 'ok', 'rate_limited target']);
      expect(await run(guard, targetOf(), [alice, alice])).toEqual(['ok', 'rate_limited principal']);
    });

    it('count a call that a model chose in the course of another one in all of them', async () => {
      const guard = await guardOf({ rateLimit: { requestsPerMinute: 2, globalRequestsPerMinute: 3 } });
      const chosen = (who: object): object => ({ ...who, parent: callTo(targetOf(), who), chosenByModel: true });
      expect(await run(guard, targetOf(), [alice, chosen(alice), chosen(alice), chosen(bob), chosen(bob)])).toEqual([
        'ok',
        'ok',
        'rate_limited principal',
        'ok',
        'rate_limited global',
      ]);
      const narrow = targetOf({ name: 'narrow', policy: { rateLimit: 1 } });
      const own = await guardOf({ rateLimit: { requestsPerMinute: 9 } });
      expect(await run(own, narrow, [chosen(alice), chosen(alice)])).toEqual(['ok', 'rate_limited target']);
    });

    it('count a refused call in none of them', async () => {
      const guard = await guardOf({ rateLimit: { requestsPerMinute: 3 } });
      const narrow = targetOf({ name: 'narrow', policy: { rateLimit: 1 } });
      await run(guard, narrow, [alice, alice, alice, alice]);
      expect(await run(guard, targetOf(), [alice, alice, alice])).toEqual(['ok', 'ok', 'rate_limited principal']);
    });

    it('cost nothing where there are none, and are off when switched off', async () => {
      expect((await guardOf({})).prepare(targetOf())).toBeUndefined();
      const off = await guardOf({ rateLimit: { enabled: false, requestsPerMinute: 1 } });
      expect(off.prepare(targetOf({ policy: { rateLimit: 1 } }))).toBeUndefined();
    });

    it('read @Throttle() and @SkipThrottle(), and refuse to pretend what they do not enforce', async () => {
      const guard = await guardOf({ rateLimit: { requestsPerMinute: 2, globalRequestsPerMinute: 100 } });
      const of = (methodName: keyof Throttled): Target => targetOf({ name: methodName, origin: originOf(methodName) });
      expect(await run(guard, of('throttled'), [alice, alice, bob])).toEqual([
        'ok',
        'rate_limited throttle_default',
        'ok',
      ]);
      expect(guard.prepare(of('skipping'))).toBeUndefined();
      expect(await run(guard, of('skippingGlobal'), [bob, bob])).toEqual(['ok', 'rate_limited principal']);
      expect(() => guard.prepare(of('computed'))).toThrow(
        '@Throttle() of Throttled.computed, throttler "default": limit',
      );
      expect(() => guard.prepare(of('blocking'))).toThrow('blockDuration does not apply');
    });

    it('[S13] hold where a team puts the guard on a tool by @UseGuards(), too', async () => {
      const guard = await guardOf({});
      const target = targetOf({ policy: { rateLimit: 1 } });
      const activate = (): Promise<boolean> => {
        const context = new ExecutionContextHost([{}, callTo(target, alice)]);
        context.setType(MCP_CONTEXT);
        return guard.canActivate(context);
      };
      expect(await activate()).toBe(true);
      await expect(activate()).rejects.toMatchObject({ code: 'rate_limited' });
    });

    it('are kept in a ThrottlerStorage of somebody else when given one', async () => {
      const seen: string[] = [];
      const throttlerStorage: ThrottlerStorage = {
        increment: (key, ttl, limit) => {
          seen.push(`${key} ${limit}/${ttl}`);
          const isBlocked = seen.length > 2;
          return Promise.resolve({
            totalHits: seen.length,
            timeToExpire: 60,
            isBlocked,
            timeToBlockExpire: isBlocked ? 7 : 0,
          });
        },
      };
      const guard = await guardOf({ rateLimit: { requestsPerMinute: 2 }, throttlerStorage });
      expect(await run(guard, targetOf(), [alice, alice, alice])).toEqual(['ok', 'ok', 'rate_limited principal']);
      expect(seen[0]).toBe('principal:id:alice:60000 2/60000');
    });
  });

  describe('on ordinary routes', () => {
    it('[S13] limits by the guard of @nestjs/throttler, with the limits of the configuration', async () => {
      const app = await serve({ rateLimit: { requestsPerMinute: 2 } });
      const statuses = [];
      for (let call = 0; call < 3; call++) statuses.push((await app.inject('/stock')).statusCode);
      expect(statuses).toEqual([200, 200, 429]);
      const refused = await app.inject('/stock');
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    });

    it.each([
      ['local', [200, 200, 429]],
      ['allow', [200, 200, 200]],
      ['refuse', [503, 503, 503]],
    ] as const)('[R4] answers on them too while a shared store is away (%s)', async (onStoreFailure, expected) => {
      const away = { take: () => Promise.reject(new Error('away')), usage: () => Promise.reject(new Error('away')) };
      const app = await serve({
        rateLimit: { requestsPerMinute: 2, onStoreFailure },
        limitStore: { useFactory: () => away },
      });
      const statuses = [];
      for (let call = 0; call < 3; call++) statuses.push((await app.inject('/stock')).statusCode);
      expect(statuses).toEqual(expected);
    });

    it('[S13] limits by our guard, and says how long to wait', async () => {
      const app = await serve({ rateLimit: { requestsPerMinute: 1 } });
      expect((await app.inject('/ours')).statusCode).toBe(200);
      const refused = await app.inject('/ours');
      expect([refused.statusCode, refused.json<{ code: string }>().code]).toEqual([429, 'rate_limited']);
      expect(refused.headers['ratelimit-policy']).toBe('"principal";q=1;w=60');
      expect(refused.headers['ratelimit']).toMatch(/^"principal";r=0;t=\d+$/);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(55);
    });

    it('[S13] breaks the circuit of a route', async () => {
      const app = await serve({ circuitBreaker: { failureThreshold: 2 } });
      const statuses = [];
      for (let call = 0; call < 3; call++) statuses.push((await app.inject('/broken')).statusCode);
      expect([statuses, app.get(Orders).calls]).toEqual([[500, 500, 503], 2]);
    });
  });

  it('[S2] refuses wrong options with every path and reason', async () => {
    const options = { rateLimit: { requestsPerMinute: -1 }, circuitBreaker: { failureThreshold: 0 } };
    await expect(build(options)).rejects.toThrow(
      'ResilienceModule.forRoot() was given wrong options:\n- rateLimit.requestsPerMinute: must be 1 or more; leave it out where there is no limit\n- circuitBreaker.failureThreshold: must be 1 or more',
    );
  });

  it('takes options that are made', async () => {
    const made = ResilienceModule.forRootAsync({ useFactory: () => ({ rateLimit: { requestsPerMinute: 3 } }) });
    const module = await Test.createTestingModule({ imports: [CoreModule, made] }).compile();
    expect(module.get(ResilienceOptions).rateLimit.requestsPerMinute).toBe(3);
  });

  it('defines its policy keys before anything is discovered', async () => {
    const module = await build({});
    const policy = { rateLimit: 1, breaker: true, timeoutMs: 1, maxConcurrency: 1 };
    expect(module.get(PolicyKeys).faultsOf(policy)).toEqual([]);
  });

  it('tells operators of breakers, slots and the limits of a principal', async () => {
    const module = await build({
      rateLimit: { requestsPerMinute: 5, burstSize: 2, globalRequestsPerMinute: 10, perUserLimits: { alice: 7 } },
    });
    open.push(module);
    await module.init();
    const tools = new Tools();
    module.get(TargetRegistries).add(tools);
    const search = targetOf({ policy: { rateLimit: 3 } });
    tools.add(search);
    tools.add(targetOf({ name: 'free' }));
    const alice = { principal: principal('alice') };
    await module.get(RateLimitGuard).prepare(search)?.(callTo(search, alice));
    const status = module.get(ResilienceStatus);
    expect(await status.limitsOf({ id: 'alice' })).toEqual([
      { name: 'global', limit: 10, windowSeconds: 60, used: 1 },
      { name: 'principal', limit: 7, windowSeconds: 60, used: 1 },
      { name: 'principal_burst', limit: 2, windowSeconds: 1, used: expect.any(Number) },
      { name: 'target', target: 'tool:search', limit: 3, windowSeconds: 60, used: 1 },
    ]);
    expect((await status.limitsOf({ remoteAddress: '192.0.2.1' })).map(({ used }) => used)).toEqual([1, 0, 0, 0]);
    const interceptor = module.get(CircuitBreakerInterceptor);
    for (let fault = 0; fault < 5; fault++) {
      await interceptor.around(callTo(search), () => Promise.reject(new Error('broken'))).catch(() => undefined);
    }
    expect(status.breakers()).toEqual([{ name: 'search', state: 'open', faults: 0, retryAfterSeconds: 30 }]);
    expect([status.resetBreaker('search'), status.breakers()[0]?.state]).toEqual([true, 'closed']);
    expect(status.concurrency()).toEqual([{ name: 'all', max: 1_000, running: 0, queued: 0 }]);
    expect(module.get(Telemetry).samples()).toContainEqual(
      expect.objectContaining({ name: 'rookery_breaker_state', labels: { tool: 'search' }, value: 0 }),
    );
  });
});
