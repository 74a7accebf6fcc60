import type { Principal } from '../../core/index.js';
import type { CredentialRequest } from './credential-request.js';

/**
 * A team's own way to tell who a credential stands for: a class with one method, injected like any provider and named
 * in `AuthModule.forRoot({ strategies: [MyProvider] })`.
 *
 * @example
 * ```ts
 * @Injectable()
 * export class DirectoryProvider extends AuthProvider {
 *   async authenticate(credential: string): Promise<Principal | undefined> {
 *     const person = await this.directory.whoHas(credential);
 *     return person && { id: person.uid, roles: person.roles, permissions: [], attributes: {} };
 *   }
 * }
 * ```
 */
export abstract class AuthProvider {
  /**
   * Whether the answer depends on the credential alone, so that it may be remembered for
   * `auth.principalCache.ttlMs`, or until the principal's `expiresAt` if that comes first.
   *
   * @default false
   */
  readonly cacheable: boolean = false;

  /**
   * Asked after API keys and tokens, when neither is good.
   *
   * @param credential - what stood behind `Bearer` or in `X-API-Key`; with another scheme, the whole header
   * @returns `undefined` when the credential is not one of yours, or not good. Throw when you cannot tell: the client
   * gets 503, nobody is let in.
   */
  abstract authenticate(
    credential: string,
    request: CredentialRequest,
  ): Principal | undefined | Promise<Principal | undefined>;
}
