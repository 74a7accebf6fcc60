import { randomUUID } from 'node:crypto';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';
import passport, { type Strategy } from 'passport';
import { ApiKeyLookup } from '../api-keys/api-key-lookup.js';
import { ApiKeyStrategy } from '../api-keys/api-key.strategy.js';
import { AuthClock } from '../auth-clock.js';
import { AuthState } from '../auth-state.js';
import { JoseStrategy } from '../jwt/jose.strategy.js';
import type { TokenRules } from '../jwt/judge-claims.js';
import type { JwtSettings } from '../jwt/jwt.options.js';
import { JwtStrategy } from '../jwt/jwt.strategy.js';
import { verificationKey } from '../jwt/token-keys.js';
import { ResourceUrl } from '../resource-server/resource-location.js';
import { AuthProvider } from './auth-provider.js';
import { ProviderStrategy } from './provider.strategy.js';
import { TeamStrategies, type PassportStrategyLike } from './team-strategies.js';

/**
 * The strategies of this server: API keys, tokens, those of the team.
 *
 * Passport keeps strategies for the whole process, so their names carry the id of this instance: several servers in one
 * process do not get into each other's way.
 */
@Injectable()
export class AuthStrategies implements OnModuleDestroy {
  /** In the order in which they are asked. */
  readonly names: readonly string[];
  readonly #instance = randomUUID();

  constructor(
    state: AuthState,
    lookup: ApiKeyLookup,
    resource: ResourceUrl,
    team: TeamStrategies,
    private readonly clock: AuthClock,
  ) {
    const name = (kind: string) => `rookery:${kind}:${this.#instance}`;
    const tokens = state.jwt && this.#tokens(name('jwt'), state.jwt, () => list(resource.url()));
    const strategies: readonly (readonly [string, PassportStrategyLike])[] = [
      [name('api-key'), new ApiKeyStrategy(name('api-key'), lookup, tokens !== undefined)],
      ...(tokens === undefined ? [] : [[name('jwt'), tokens] as const]),
      ...team.all.map((strategy, index) => {
        const own = name(`team-${index + 1}`);
        return [own, strategy instanceof AuthProvider ? new ProviderStrategy(own, strategy) : strategy] as const;
      }),
    ];
    for (const [own, strategy] of strategies) passport.use(own, strategy as Strategy);
    this.names = strategies.map(([own]) => own);
  }

  onModuleDestroy(): void {
    for (const name of this.names) passport.unuse(name);
  }

  #tokens(name: string, settings: JwtSettings, audience: () => readonly string[]): PassportStrategyLike {
    const { issuers, audiences, toleranceMs, maxAgeMs, claims, groups } = settings;
    const accepted = audiences.length > 0 ? () => audiences : audience;
    const rules: TokenRules = { issuers, audiences: accepted, toleranceMs, maxAgeMs, claims, groups };
    const key = verificationKey(settings);
    const now = () => this.clock.now();
    if (key.kind === 'jwks' || key.algorithms.includes('EdDSA')) return new JoseStrategy(name, key, rules, now);
    return new JwtStrategy(name, key, rules, now);
  }
}

function list(url: string | undefined): readonly string[] {
  return url === undefined ? [] : [url];
}
