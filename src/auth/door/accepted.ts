/** By what kind of credential somebody came in: a metric's label. */
export type CredentialMethod = 'api_key' | 'jwt' | 'other';

/** What a strategy of ours gives to `success()` beside the principal. */
export class AcceptedCredential {
  constructor(
    readonly method: CredentialMethod,
    /** Whether it may be remembered. */
    readonly cacheable: boolean,
    /** Whether it comes from the key store. */
    readonly stored = false,
  ) {}
}
