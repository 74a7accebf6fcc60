/**
 * Why a credential was refused: for operators, in audit records and as a metric's label. The client hears the same
 * sentence for each of them.
 */
export type RefusalReason =
  /** The header is not one that can hold a credential. */
  | 'malformed'
  /** Longer than any credential has to be. */
  | 'too_large'
  /** More than one credential came. */
  | 'several_credentials'
  /** A scheme of `Authorization` that nobody here understands. */
  | 'unsupported_scheme'
  /** No API key like this, and nobody else knew it. */
  | 'unknown'
  | 'expired'
  | 'revoked'
  | 'disabled'
  | 'not_yet_valid'
  /** Issued longer ago than tokens are accepted for. */
  | 'too_old'
  /** Signed by an algorithm that is not accepted, or not signed. */
  | 'algorithm'
  /** A token, but not one to get in with: an ID token, a refresh token, a proof. */
  | 'token_type'
  | 'signature'
  /** Signed with a key that the issuer does not publish. */
  | 'unknown_key'
  | 'issuer'
  | 'audience'
  /** A claim that is needed is missing or is not what it should be. */
  | 'claims'
  /** Bound to a key of the client, whose proof is not checked here. */
  | 'sender_constrained'
  /** A strategy came to no decision in time, or tried to answer by itself. */
  | 'undecided'
  /** A key store or an issuer could not be asked. */
  | 'unavailable';

/** What a strategy of ours gives to `fail()`. */
export class CredentialRefusal {
  constructor(readonly reason: RefusalReason) {}
}

/** What a strategy of ours gives to `error()`: it could not be found out, so nobody is let in. */
export class CredentialsUnavailableError extends Error {
  constructor(
    /** What could not be asked, as a phrase: `the API key store`. */
    readonly source: string,
    options?: ErrorOptions,
  ) {
    super(`Credentials cannot be checked: ${source} does not answer.`, options);
    this.name = new.target.name;
  }
}
