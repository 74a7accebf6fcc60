import { Injectable } from '@nestjs/common';
import { CallGuard, PolicyKeys, UnauthenticatedError, type CallCheck, type Target } from '../../core/index.js';
import { AuthClock } from '../auth-clock.js';
import { definePolicyKeys } from '../auth-policy.js';
import { AuthState } from '../auth-state.js';

/**
 * Refuses calls of nobody: where authentication is configured, to everything that does not say `requiresAuth: false`;
 * where it is not, to what says `requiresAuth: true`. A principal whose credential has ended since is nobody.
 */
@Injectable()
export class PrincipalGuard extends CallGuard {
  constructor(
    private readonly state: AuthState,
    private readonly clock: AuthClock,
    keys: PolicyKeys,
  ) {
    super();
    definePolicyKeys(keys);
  }

  override prepare({ policy }: Target): CallCheck {
    const open = policy.requiresAuth === undefined ? !this.state.required : !policy.requiresAuth;
    return ({ principal }) => {
      if (principal === undefined) {
        if (!open) throw new UnauthenticatedError();
      } else if (principal.expiresAt !== undefined && principal.expiresAt <= this.clock.now()) {
        throw new UnauthenticatedError('The credential has expired.');
      }
    };
  }
}
