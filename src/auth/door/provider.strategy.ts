import { AcceptedCredential } from './accepted.js';
import { asPrincipal } from './as-principal.js';
import type { AuthProvider } from './auth-provider.js';
import type { CredentialRequest } from './credential-request.js';
import { CredentialStrategy } from './credential-strategy.js';

/** Passport's way to a team's {@link AuthProvider}. */
export class ProviderStrategy extends CredentialStrategy {
  constructor(
    name: string,
    private readonly provider: AuthProvider,
  ) {
    super(name);
  }

  override authenticate(request: CredentialRequest): void {
    this.ask(request).catch((error: unknown) => this.error(error));
  }

  private async ask(request: CredentialRequest): Promise<void> {
    const user = await this.provider.authenticate(request.credential.secret, request);
    if (user === undefined) this.fail();
    else this.success(asPrincipal(user), new AcceptedCredential('other', this.provider.cacheable));
  }
}
