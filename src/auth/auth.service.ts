import type { IncomingHttpHeaders } from 'node:http';
import { Injectable } from '@nestjs/common';
import { AuthState } from './auth-state.js';
import type { CredentialMethod } from './door/accepted.js';
import { AttemptLog } from './door/attempt-log.js';
import type { Authentication, RefusedAuthentication } from './door/authentication.js';
import { credentialOf, type CredentialReading } from './door/credential.js';
import { DoorLimiter } from './door/door-limiter.js';
import { PrincipalMemory } from './door/principal-memory.js';
import type { RefusalReason } from './door/refusal-reason.js';
import { Refusals } from './door/refusals.js';
import type { Verify } from './door/verdict.js';
import { isJwtShaped } from './jwt/token-header.js';

/** The part of a request that a credential is read from. */
export interface HeaderedRequest {
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, as Node has them. */
  readonly rawHeaders?: readonly string[] | undefined;
}

/** A credential that is not known from before, and who presents it. */
interface Attempt {
  readonly reading: Exclude<CredentialReading, { readonly kind: 'none' }>;
  readonly headers: IncomingHttpHeaders;
  readonly address: string | undefined;
  readonly verify: Verify;
}

const ANONYMOUS: Authentication = { kind: 'anonymous' };

/**
 * Finds out who sends a request: from memory where that is possible, else by asking the strategies; holds up those who
 * keep presenting what is no good.
 */
@Injectable()
export class AuthService {
  constructor(
    private readonly state: AuthState,
    private readonly memory: PrincipalMemory,
    private readonly door: DoorLimiter,
    private readonly log: AttemptLog,
    private readonly refusals: Refusals,
  ) {}

  /** Whether callers must say who they are, for everything that is not public. */
  get required(): boolean {
    return this.state.required;
  }

  /**
   * Who sends a request. At once, without a promise, when the credential is known from before. Does not reject.
   *
   * @param address - the client's, for the limit on wrong credentials; without one there is no limit
   */
  authenticate(
    { headers, rawHeaders }: HeaderedRequest,
    address: string | undefined,
    verify: Verify,
  ): Authentication | Promise<Authentication> {
    if (!this.state.required) return ANONYMOUS;
    const reading = credentialOf(headers, rawHeaders);
    if (reading.kind === 'none') return ANONYMOUS;
    const known = reading.kind === 'credential' ? this.memory.recall(reading.credential) : undefined;
    if (known === undefined) return this.#attempt({ reading, headers, address, verify });
    this.log.remembered();
    return known;
  }

  async #attempt(attempt: Attempt): Promise<Authentication> {
    const { reading, address } = attempt;
    try {
      const wait = address === undefined ? 0 : this.door.limiter.waitMs(address);
      const waitMs = typeof wait === 'number' ? wait : await wait;
      if (waitMs > 0) {
        this.log.refused(this.#methodOf(reading), 'too_many_attempts', address);
        return this.refusals.held(waitMs);
      }
      if (reading.kind === 'faulty') {
        await this.#failed(attempt, reading.reason);
        return this.refusals.unreadable(reading.message);
      }
      const { credential } = reading;
      if (credential.scheme === 'other' && !this.state.extended)
        return await this.#wrong(attempt, 'unsupported_scheme');
      const { epoch } = this.memory;
      const verdict = await attempt.verify({ headers: attempt.headers, credential, ip: address });
      if (verdict.kind === 'unavailable') return this.#unavailable(verdict.cause, attempt);
      if (verdict.kind === 'refused') return await this.#wrong(attempt, verdict.reason);
      this.log.accepted(verdict.by.method);
      return this.memory.remember(credential, verdict.principal, verdict.by, epoch);
    } catch (error) {
      return this.#unavailable(error, attempt);
    }
  }

  async #wrong(attempt: Attempt, reason: RefusalReason): Promise<RefusedAuthentication> {
    await this.#failed(attempt, reason);
    return this.refusals.wrong();
  }

  async #failed({ reading, address }: Attempt, reason: RefusalReason): Promise<void> {
    this.log.refused(this.#methodOf(reading), reason, address);
    if (address !== undefined) await this.door.limiter.failed(address);
  }

  #unavailable(cause: unknown, { reading, address }: Attempt): RefusedAuthentication {
    this.log.refused(this.#methodOf(reading), 'unavailable', address);
    this.log.unavailable(cause, reading.kind === 'credential' ? reading.credential.secret : undefined);
    return this.refusals.unavailable();
  }

  #methodOf(reading: Attempt['reading']): CredentialMethod {
    if (reading.kind === 'faulty' || reading.credential.scheme === 'other') return 'other';
    const { scheme, secret } = reading.credential;
    return scheme === 'bearer' && this.state.jwt !== undefined && isJwtShaped(secret) ? 'jwt' : 'api_key';
  }
}
