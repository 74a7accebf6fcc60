import { ConfigurableModuleBuilder, Logger, Module, type Provider, type Type } from '@nestjs/common';
import type { z } from 'zod';
import { AttemptLimiter, InMemoryAttemptLimiter } from '../core/index.js';
import { ApiKeyLookup } from './api-keys/api-key-lookup.js';
import { ApiKeyStore } from './api-keys/api-key-store.js';
import { ConfiguredKeyIndex, configuredKeys } from './api-keys/configured-keys.js';
import { AuthClock } from './auth-clock.js';
import { AuthState } from './auth-state.js';
import { authOptions, type AuthOptions } from './auth.options.js';
import { AuthService } from './auth.service.js';
import { AttemptLog } from './door/attempt-log.js';
import { AuthStrategies } from './door/auth-strategies.js';
import { DoorLimiter } from './door/door-limiter.js';
import { PrincipalMemory } from './door/principal-memory.js';
import { Refusals } from './door/refusals.js';
import { TeamStrategies, type TeamStrategy } from './door/team-strategies.js';
import { PrincipalGuard } from './guards/principal.guard.js';
import { ScopeGuard, Scopes } from './guards/scope.guard.js';
import { McpAuthGuard } from './mcp-auth.guard.js';
import { Challenges } from './resource-server/challenges.js';
import { ProtectedResourceController } from './resource-server/protected-resource.controller.js';
import { ResourceUrl } from './resource-server/resource-location.js';

/** What {@link AuthModule} takes: the section `auth`. */
export type AuthModuleOptions = z.input<typeof authOptions>;

/** What must be known before options can be injected. */
export interface AuthModuleExtras {
  /** A team's own ways to tell who is calling, asked in this order after API keys and tokens. */
  readonly strategies?: readonly TeamStrategy[] | undefined;
}

const EXTRAS: AuthModuleExtras = { strategies: [] };

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<AuthModuleOptions>()
  .setClassMethodName('forRoot')
  .setExtras<AuthModuleExtras>(EXTRAS, (definition, { strategies = [] }) => ({
    ...definition,
    global: true,
    providers: [...(definition.providers ?? []), ...teamProviders(strategies)],
  }))
  .build();

const SHARED = [
  AuthState,
  AuthClock,
  AuthService,
  AuthStrategies,
  PrincipalMemory,
  Challenges,
  McpAuthGuard,
  PrincipalGuard,
  ScopeGuard,
  Scopes,
];

/**
 * Who is calling: API keys, tokens, a team's own strategies, and this server as an OAuth 2.1 resource. Import it once;
 * keys in the store need a module that provides {@link ApiKeyStore}, and limits that hold over several processes one
 * that provides `AttemptLimiter`.
 *
 * @example
 * ```ts
 * AuthModule.forRoot({
 *   apiKeys: { reports: { secretFile: '/run/secrets/reports', roles: ['analyst'] } },
 *   jwt: { jwksUrl: 'https://id.example.com/keys', issuer: 'https://id.example.com', audience: 'https://mcp.example.com/mcp' },
 * });
 * ```
 */
@Module({
  controllers: [ProtectedResourceController],
  providers: [
    {
      provide: AuthState,
      useFactory: stateOf,
      inject: [MODULE_OPTIONS_TOKEN, TeamStrategies, { token: ApiKeyStore, optional: true }],
    },
    AuthClock,
    {
      provide: ApiKeyLookup,
      useFactory: ({ keys, options }: AuthState, clock: AuthClock, store?: ApiKeyStore) =>
        new ApiKeyLookup(new ConfiguredKeyIndex(keys), options.storedKeys ? store : undefined, () => clock.now()),
      inject: [AuthState, AuthClock, { token: ApiKeyStore, optional: true }],
    },
    {
      provide: DoorLimiter,
      useFactory: ({ options }: AuthState, clock: AuthClock, shared?: AttemptLimiter) =>
        new DoorLimiter(shared ?? new InMemoryAttemptLimiter(options.attempts, () => clock.now())),
      inject: [AuthState, AuthClock, { token: AttemptLimiter, optional: true }],
    },
    ResourceUrl,
    Challenges,
    Refusals,
    Scopes,
    AuthStrategies,
    PrincipalMemory,
    AttemptLog,
    AuthService,
    McpAuthGuard,
    PrincipalGuard,
    ScopeGuard,
  ],
  exports: SHARED,
})
export class AuthModule extends ConfigurableModuleClass {}

/** @throws Error listing every fault with its key */
function stateOf(given: AuthModuleOptions, { all }: TeamStrategies, store?: ApiKeyStore): AuthState {
  const options = parse(given);
  if (options.storedKeys && store === undefined) {
    throw new Error('auth.storedKeys needs a store: import a module that provides ApiKeyStore, or turn it off.');
  }
  const state = new AuthState(options, configuredKeys(options.apiKeys), all.length > 0);
  const logger = new Logger('Auth');
  for (const { severity, message } of state.posture) if (severity === 'warn') logger.warn(message);
  return state;
}

function parse(given: AuthModuleOptions): AuthOptions {
  const result = authOptions.safeParse(given);
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ path, message }) => `- auth.${path.map(String).join('.')}: ${message}`);
  throw new Error(`AuthModule.forRoot() was given wrong options:\n${faults.join('\n')}`);
}

/** Classes are made and injected by Nest, instances are taken as they are. */
function teamProviders(strategies: readonly TeamStrategy[]): Provider[] {
  const classes = strategies.filter((strategy): strategy is Type<never> => typeof strategy === 'function');
  return [
    ...classes,
    {
      provide: TeamStrategies,
      useFactory: (...made: object[]) => {
        const instances = new Map(classes.map((type, index) => [type, made[index]]));
        const all = strategies.map((strategy) =>
          typeof strategy === 'function' ? instances.get(strategy as never) : strategy,
        );
        return new TeamStrategies(all as TeamStrategies['all']);
      },
      inject: classes,
    },
  ];
}
