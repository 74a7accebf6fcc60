import { z } from 'zod';
import { PolicyKeys } from '../core/index.js';
import { SCOPE } from './guards/scopes.js';

declare module '../core/target-parts.js' {
  interface Policy {
    /**
     * `false`: everybody may call this, without a credential too. By default a principal is needed wherever
     * authentication is configured; `true` needs one even where it is not.
     */
    readonly requiresAuth?: boolean | undefined;
    /** Every one of these scopes must be granted by the access token, directly or by implication. */
    readonly requiredScopes?: readonly string[] | undefined;
  }
}

/** Makes the policy keys known that this folder enforces. */
export function definePolicyKeys(keys: PolicyKeys): void {
  keys.define('requiresAuth', z.boolean().optional());
  const scope = z.string().regex(SCOPE, 'a scope is visible ASCII without space, " and \\');
  keys.define('requiredScopes', z.array(scope).min(1, 'name a scope, or leave the key out').optional());
}
