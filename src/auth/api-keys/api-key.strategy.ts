import { AcceptedCredential } from '../door/accepted.js';
import type { CredentialRequest } from '../door/credential-request.js';
import { CredentialStrategy } from '../door/credential-strategy.js';
import { CredentialRefusal } from '../door/refusal-reason.js';
import { isJwtShaped } from '../jwt/token-header.js';
import type { ApiKeyLookup, LookedUpKey } from './api-key-lookup.js';

/** Passport's way to API keys. It leaves to other strategies what has the shape of a token, and other schemes. */
export class ApiKeyStrategy extends CredentialStrategy {
  constructor(
    name: string,
    private readonly keys: ApiKeyLookup,
    /** Whether there is somebody else for what has the shape of a token. */
    private readonly leavesTokens: boolean,
  ) {
    super(name);
  }

  override authenticate({ credential }: CredentialRequest): void {
    const { scheme, secret } = credential;
    if (scheme === 'other' || (scheme === 'bearer' && this.leavesTokens && isJwtShaped(secret))) return this.fail();
    const judged = this.keys.judge(secret);
    if (!(judged instanceof Promise)) return this.settle(judged);
    judged.then(
      (known) => this.settle(known),
      (error: unknown) => this.error(error),
    );
  }

  private settle({ principal, reason, stored }: LookedUpKey): void {
    if (principal === undefined) this.fail(new CredentialRefusal(reason));
    else this.success(principal, new AcceptedCredential('api_key', true, stored));
  }
}
