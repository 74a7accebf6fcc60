import type { Type } from '@nestjs/common';
import type { AuthProvider } from './auth-provider.js';

/** Any Passport strategy, whoever published it. */
export interface PassportStrategyLike {
  authenticate(request: never, options?: never): unknown;
}

/**
 * A team's own way to tell who is calling: an {@link AuthProvider} or a Passport strategy; a class that is injected, or
 * an instance. A strategy must end in success, failure or error, without sessions and redirects.
 */
export type TeamStrategy = Type<AuthProvider | PassportStrategyLike> | AuthProvider | PassportStrategyLike;

/** The team's strategies, in the order in which they are asked; also the injection token. */
export class TeamStrategies {
  constructor(readonly all: readonly (AuthProvider | PassportStrategyLike)[]) {}
}
