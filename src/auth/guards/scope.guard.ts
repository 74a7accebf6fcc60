import { Injectable } from '@nestjs/common';
import {
  CallGuard,
  InsufficientScopeError,
  UnauthenticatedError,
  type CallCheck,
  type Target,
} from '../../core/index.js';
import { AuthState } from '../auth-state.js';
import { ScopeHierarchy } from './scopes.js';

/** The hierarchy of scopes of this server, from `auth.oauth.scopes`. */
@Injectable()
export class Scopes {
  readonly hierarchy: ScopeHierarchy;

  constructor({ options }: AuthState) {
    this.hierarchy = new ScopeHierarchy(options.oauth?.scopes ?? {});
  }
}

/**
 * Refuses calls whose access token lacks a scope that the target asks for; the refusal names all of them, so that one
 * new token is enough. Principals that know no scopes (API keys) are not limited by them.
 */
@Injectable()
export class ScopeGuard extends CallGuard {
  constructor(
    private readonly state: AuthState,
    private readonly scopes: Scopes,
  ) {
    super();
  }

  override prepare({ policy }: Target): CallCheck | undefined {
    const required = policy.requiredScopes ?? [];
    if (required.length === 0) return undefined;
    const { hierarchy } = this.scopes;
    return ({ principal }) => {
      if (principal === undefined) {
        if (this.state.required) throw new UnauthenticatedError();
        return;
      }
      const { scopes } = principal;
      if (scopes === undefined || required.every((scope) => hierarchy.grants(scopes, scope))) return;
      throw new InsufficientScopeError(required);
    };
  }
}
