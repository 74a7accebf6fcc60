import { compactVerify, createRemoteJWKSet, errors, type CryptoKey, type JWTVerifyGetKey } from 'jose';
import { AcceptedCredential } from '../door/accepted.js';
import type { CredentialRequest } from '../door/credential-request.js';
import { CredentialStrategy } from '../door/credential-strategy.js';
import { CredentialRefusal, CredentialsUnavailableError, type RefusalReason } from '../door/refusal-reason.js';
import { judgeClaims, type TokenRules } from './judge-claims.js';
import { HeaderRules, isJwtShaped, jsonPart } from './token-header.js';
import type { VerificationKey } from './token-keys.js';

/** Milliseconds that an issuer gets to answer for its keys. */
const JWKS_TIMEOUT_MS = 5000;

/**
 * Tokens that `passport-jwt` cannot check, by `jose`: those signed with Ed25519, and those whose issuer publishes its
 * keys. Published keys are kept, and asked for again when a token names one that is not among them: at most once in the
 * cool-down, so that made-up names do not become requests. Redirects are not followed.
 */
export class JoseStrategy extends CredentialStrategy {
  private readonly header: HeaderRules;
  private readonly verify: (token: string) => Promise<Uint8Array>;

  constructor(
    name: string,
    verification: VerificationKey,
    private readonly rules: TokenRules,
    private readonly now: () => number = Date.now,
  ) {
    super(name);
    const { algorithms } = verification;
    this.header = new HeaderRules(algorithms);
    if (verification.kind === 'jwks') {
      const { url, cacheMs, cooldownMs } = verification;
      const keys = createRemoteJWKSet(url, {
        timeoutDuration: JWKS_TIMEOUT_MS,
        cacheMaxAge: cacheMs,
        cooldownDuration: cooldownMs,
      });
      this.verify = (token) => verifyWithAny(token, keys, [...algorithms]);
    } else {
      const { key } = verification;
      this.verify = async (token) => (await compactVerify(token, key, { algorithms: [...algorithms] })).payload;
    }
  }

  override authenticate({ credential: { scheme, secret } }: CredentialRequest): void {
    if (scheme !== 'bearer' || !isJwtShaped(secret)) return this.fail();
    const fault = this.header.fault(secret);
    if (fault !== undefined) return this.fail(new CredentialRefusal(fault));
    this.judge(secret).catch((error: unknown) => this.error(error));
  }

  private async judge(token: string): Promise<void> {
    let payload: Uint8Array;
    try {
      payload = await this.verify(token);
    } catch (error) {
      const reason = reasonOf(error);
      if (reason !== undefined) return this.fail(new CredentialRefusal(reason));
      throw new CredentialsUnavailableError('the issuer of tokens (auth.jwt.jwksUrl)', { cause: error });
    }
    const claims = jsonPart(payload);
    const { principal, reason } =
      claims === undefined ? { reason: 'malformed' as const } : judgeClaims(claims, this.rules, this.now());
    if (principal === undefined) this.fail(new CredentialRefusal(reason));
    else this.success(principal, new AcceptedCredential('jwt', true));
  }
}

/** A token that does not say which of several keys it is signed with is tried with each that may be. */
async function verifyWithAny(token: string, keys: JWTVerifyGetKey, algorithms: string[]): Promise<Uint8Array> {
  try {
    return (await compactVerify(token, keys, { algorithms })).payload;
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
    for await (const key of error as AsyncIterable<CryptoKey>) {
      const verified = await compactVerify(token, key, { algorithms }).catch((failure: unknown) => {
        if (failure instanceof errors.JWSSignatureVerificationFailed) return undefined;
        throw failure;
      });
      if (verified !== undefined) return verified.payload;
    }
    throw new errors.JWSSignatureVerificationFailed(undefined, { cause: error });
  }
}

/** Why a token is refused; `undefined` when the keys could not be had. */
function reasonOf(error: unknown): RefusalReason | undefined {
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature';
  if (error instanceof errors.JWKSNoMatchingKey) return 'unknown_key';
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported) return 'algorithm';
  return error instanceof errors.JWSInvalid ? 'malformed' : undefined;
}
