import type { KeyObject } from 'node:crypto';
import { Strategy } from 'passport-jwt';
import { AcceptedCredential } from '../door/accepted.js';
import type { CredentialRequest } from '../door/credential-request.js';
import { CredentialRefusal } from '../door/refusal-reason.js';
import type { Claims } from './claims.js';
import { judgeClaims, type TokenRules } from './judge-claims.js';
import type { JwtAlgorithm } from './jwt.options.js';
import { HeaderRules, isJwtShaped } from './token-header.js';

/** What a {@link JwtStrategy} checks with. */
export interface JwtStrategyKey {
  readonly key: KeyObject;
  readonly algorithms: readonly JwtAlgorithm[];
}

/**
 * Tokens signed with a secret, an RSA or an EC key, by `passport-jwt`. It checks signatures; claims are judged by rules
 * that all token strategies share, on our clock.
 *
 * Passport derives an object from the strategy for each attempt, so there are no `#private` members here.
 */
export class JwtStrategy extends Strategy {
  private readonly header: HeaderRules;

  constructor(name: string, { key, algorithms }: JwtStrategyKey, rules: TokenRules, now: () => number = Date.now) {
    super(
      {
        // Asked for after `authenticate()` has seen that it is a token.
        jwtFromRequest: ({ credential: { secret } }: CredentialRequest) => secret,
        // The library passes what it is given on to jsonwebtoken, which takes a key object; its types are older.
        secretOrKey: key as unknown as Buffer,
        algorithms: algorithms.filter((algorithm) => algorithm !== 'EdDSA'),
        ignoreExpiration: true,
        jsonWebTokenOptions: { ignoreNotBefore: true },
      },
      (claims: Claims, done: (error: unknown, user?: unknown, info?: unknown) => void) => {
        const { principal, reason } = judgeClaims(claims, rules, now());
        if (principal === undefined) done(null, false, new CredentialRefusal(reason));
        else done(null, principal, new AcceptedCredential('jwt', true));
      },
    );
    this.name = name;
    this.header = new HeaderRules(algorithms);
  }

  override authenticate(request: unknown, options?: unknown): void {
    const token = tokenOf(request as CredentialRequest);
    if (token === null) return this.fail(undefined, 401);
    const fault = this.header.fault(token);
    if (fault === undefined) super.authenticate(request as never, options);
    else this.fail(new CredentialRefusal(fault), 401);
  }
}

function tokenOf({ credential: { scheme, secret } }: CredentialRequest): string | null {
  return scheme === 'bearer' && isJwtShaped(secret) ? secret : null;
}
