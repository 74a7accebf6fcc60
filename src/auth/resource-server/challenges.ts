import { Injectable } from '@nestjs/common';
import { AuthState } from '../auth-state.js';
import { metadataUrl } from './protected-resource.js';
import { ResourceUrl } from './resource-location.js';

/**
 * What `WWW-Authenticate` says to a client that is not let in (RFC 6750 §3, RFC 9728 §5.1): that a bearer credential is
 * wanted and, where there is OAuth, where to learn how to get one.
 */
@Injectable()
export class Challenges {
  constructor(
    private readonly state: AuthState,
    private readonly resource: ResourceUrl,
  ) {}

  /** No credential came, so there is no error. @param scopes - those of what was asked for, where that is known */
  anonymous(scopes: readonly string[] = []): string {
    return this.#bearer(scopes);
  }

  /** The credential is no good: a new one may be. */
  invalidToken(): string {
    return this.#bearer([], { error: 'invalid_token', error_description: 'The credential was not accepted' });
  }

  /** The request cannot be read: a new credential changes nothing. */
  invalidRequest(description: string): string {
    return this.#bearer([], { error: 'invalid_request', error_description: description });
  }

  /** The token lacks scopes. @param scopes - all that the operation needs, so that one step up is enough */
  insufficientScope(scopes: readonly string[]): string {
    return this.#bearer(scopes, { error: 'insufficient_scope' });
  }

  #bearer(scope: readonly string[], parameters: Readonly<Record<string, string>> = {}): string {
    const resource = this.state.options.oauth === undefined ? undefined : this.resource.url();
    const all = Object.entries({
      realm: 'mcp',
      ...parameters,
      ...(scope.length > 0 && { scope: scope.join(' ') }),
      ...(resource !== undefined && { resource_metadata: metadataUrl(resource) }),
    });
    return `Bearer ${all.map(([name, value]) => `${name}=${quoted(value)}`).join(', ')}`;
  }
}

/** A quoted-string (RFC 9110 §5.6.4) of what is visible ASCII; anything else could end the header. */
function quoted(text: string): string {
  return `"${text.replaceAll(/[^\x20-\x7e]/g, '').replaceAll(/["\\]/g, '\\$&')}"`;
}
