import 'reflect-metadata';
import { createRequire } from 'node:module';
import { Injectable, Module, type DynamicModule } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CallObservers, CoreModule, type Principal } from '../core/index.js';
import { AuthModule, type AuthModuleOptions } from './auth.module.js';
import { AuthProvider } from './door/auth-provider.js';
import type { Authentication } from './door/authentication.js';
import type { TeamStrategy } from './door/team-strategies.js';
import { McpAuthGuard } from './mcp-auth.guard.js';

/** Published without types. */
const { Strategy: BearerStrategy } = createRequire(import.meta.url)('passport-http-bearer') as {
  readonly Strategy: new (
    verify: (token: string, done: (error: null, user: unknown, info?: object) => void) => void,
  ) => object;
};

const KEY = 'a-key-of-the-reports-service';
const KEYS = { apiKeys: { reports: { secret: KEY } } };

const written: string[] = [];
const write = (message: unknown) => void written.push(JSON.stringify(message));

const open: TestingModule[] = [];
afterEach(async () => {
  vi.useRealTimers();
  await Promise.all(open.splice(0).map((module) => module.close()));
});

async function setUp(
  strategies: readonly TeamStrategy[],
  options: AuthModuleOptions = KEYS,
  ...imports: DynamicModule[]
) {
  const module = await Test.createTestingModule({
    imports: [CoreModule, ...imports, AuthModule.forRoot({ ...options, strategies })],
  })
    .setLogger({ log: write, error: write, warn: write })
    .compile();
  await module.init();
  open.push(module);
  written.length = 0;
  const reasons: string[] = [];
  module.get(CallObservers).add({ refused: ({ reason }) => reasons.push(reason) });
  const guard = module.get(McpAuthGuard);
  const present = (authorization: string) => guard.authenticate({ headers: { authorization } }, '192.0.2.1');
  return { guard, reasons, present, bearer: (secret: string) => present(`Bearer ${secret}`) };
}

const idOf = (found: Authentication) => (found.kind === 'authenticated' ? found.principal.id : found.kind);
const statusOf = (found: Authentication) => (found.kind === 'refused' ? found.status : found.kind);

@Injectable()
class Directory {
  readonly people = new Map([['badge-of-ada', 'ada']]);
}

@Injectable()
class BadgeProvider extends AuthProvider {
  constructor(private readonly directory: Directory) {
    super();
  }

  authenticate(credential: string): Principal | undefined {
    const id = this.directory.people.get(credential);
    return id === undefined ? undefined : { id, roles: ['staff'], permissions: [], attributes: {} };
  }
}

/** A strategy that does one thing. */
const strategy = (
  authenticate: (
    this: Record<'success' | 'fail' | 'pass' | 'redirect' | 'error', (...args: unknown[]) => void>,
  ) => void,
) => ({ authenticate }) as TeamStrategy;

describe("a team's strategies", () => {
  @Injectable()
  class GuestProvider extends AuthProvider {
    override readonly cacheable = true;
    asked = 0;

    authenticate(credential: string): Promise<Principal | undefined> {
      this.asked++;
      const guest = { id: 'guest', roles: [], permissions: [], attributes: {} };
      return Promise.resolve(credential === 'guest-card' ? guest : undefined);
    }
  }

  it('may be one class, asked after keys and tokens; remembered only if it says so', async () => {
    const guests = new GuestProvider();
    const { bearer, guard } = await setUp([guests]);
    expect(guard.required).toBe(true);
    expect(idOf(await bearer(KEY))).toBe('reports');
    expect(guests.asked).toBe(0);
    expect(idOf(await bearer('guest-card'))).toBe('guest');
    expect(idOf(bearer('guest-card') as Authentication)).toBe('guest');
    expect(guests.asked).toBe(1);
    expect(statusOf(await bearer('another-card'))).toBe(401);
  });

  it('is injected like any provider', async () => {
    @Module({})
    class DirectoryModule {}
    const directory = { module: DirectoryModule, global: true, providers: [Directory], exports: [Directory] };
    const { bearer } = await setUp([BadgeProvider], {}, directory);
    expect(await bearer('badge-of-ada')).toMatchObject({ principal: { id: 'ada', roles: ['staff'] } });
  });

  it('may be a published Passport strategy; the scopes that it reports limit the principal', async () => {
    const published = new BearerStrategy((token, done) => {
      if (token === 'good') done(null, { id: 'bob', roles: ['user'] }, { scope: 'read write', message: '' });
      else done(null, false);
    });
    const { bearer } = await setUp([published as TeamStrategy], {});
    expect(await bearer('good')).toEqual({
      kind: 'authenticated',
      principal: { id: 'bob', roles: ['user'], permissions: [], attributes: {}, scopes: ['read', 'write'] },
    });
    expect(await bearer('bad')).toMatchObject({ status: 401 });
  });

  it('sees other schemes of Authorization', async () => {
    const basic = strategy(function () {
      this.success({ id: 'basic' });
    });
    const { present } = await setUp([basic]);
    expect(idOf(await present('Basic YTpi'))).toBe('basic');
    const without = await setUp([]);
    expect(await without.present('Basic YTpi')).toMatchObject({ status: 401 });
  });

  it.each([
    [
      'lets the request pass without a user',
      strategy(function () {
        this.pass();
      }),
      401,
      'undecided',
    ],
    [
      'redirects',
      strategy(function () {
        this.redirect('https://elsewhere.example');
      }),
      401,
      'undecided',
    ],
    [
      'succeeds without a user',
      strategy(function () {
        this.success(undefined);
      }),
      401,
      'unknown',
    ],
    [
      'fails',
      strategy(function () {
        this.fail('Bearer realm="Users"', 400);
      }),
      401,
      'unknown',
    ],
    [
      'reports an error',
      strategy(function () {
        this.error(new Error('directory is down'));
      }),
      503,
      'unavailable',
    ],
    [
      'throws',
      strategy(() => {
        throw new Error('bug');
      }),
      503,
      'unavailable',
    ],
    [
      'succeeds with a user that is no principal',
      strategy(function () {
        this.success({ name: 'x' });
      }),
      503,
      'unavailable',
    ],
    [
      'succeeds with an id that could forge a log line',
      strategy(function () {
        this.success({ id: 'a\nb' });
      }),
      503,
      'unavailable',
    ],
  ] as const)('lets nobody in who %s', async (_what, one, status, reason) => {
    const { bearer, reasons } = await setUp([one]);
    expect(statusOf(await bearer('some-credential'))).toBe(status);
    expect(reasons.at(-1)).toContain(reason);
  });

  it('has five seconds to decide', async () => {
    vi.useFakeTimers();
    const { bearer, reasons } = await setUp([strategy(() => undefined)]);
    const pending = bearer('some-credential');
    await vi.advanceTimersByTimeAsync(5_000);
    expect(statusOf(await pending)).toBe(401);
    expect(reasons.at(-1)).toContain('undecided');
  });

  it('is told to operators once while it cannot decide, without the credential that it may have put into its error', async () => {
    let down = true;
    const flaky = strategy(function () {
      if (down) this.error(new Error('no answer about "card-of-eve"'));
      else this.fail();
    });
    const { bearer } = await setUp([flaky]);
    for (let round = 0; round < 3; round++) expect(statusOf(await bearer('card-of-eve'))).toBe(503);
    expect(written).toHaveLength(1);
    expect(written[0]).toContain('Credentials cannot be checked.');
    expect(written[0]).toContain('no answer about');
    expect(written[0]).not.toContain('card-of-eve');
    down = false;
    await bearer(KEY);
    expect(written[1]).toContain('can be checked again');
  });

  it('does not matter to tokens: an issuer that does not answer for its keys is 503 too', async () => {
    const jwt = { jwksUrl: 'http://127.0.0.1:9/keys', issuer: 'i', audience: 'a' };
    const { bearer, reasons } = await setUp([], { jwt });
    const token = `${Buffer.from('{"alg":"ES256"}').toString('base64url')}.e30.AAAA`;
    expect(await bearer(token)).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    expect(reasons).toEqual(['credential refused: unavailable (jwt)']);
    expect(written.join('')).not.toContain(token);
  });
});
