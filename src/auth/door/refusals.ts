import { Injectable } from '@nestjs/common';
import { Challenges } from '../resource-server/challenges.js';
import type { RefusedAuthentication } from './authentication.js';

/** Seconds after which it makes sense to try again when credentials cannot be checked. */
const RETRY_SECONDS = 5;

/** The answers to those who are not let in. They never say why. */
@Injectable()
export class Refusals {
  constructor(private readonly challenges: Challenges) {}

  /** The headers do not hold one credential that can be read. */
  unreadable(message: string): RefusedAuthentication {
    const headers = { 'www-authenticate': this.challenges.invalidRequest(message) };
    return { kind: 'refused', status: 400, code: 'invalid_arguments', message, headers };
  }

  /** Unknown, expired, revoked, forged: the same answer. */
  wrong(): RefusedAuthentication {
    const headers = { 'www-authenticate': this.challenges.invalidToken() };
    return {
      kind: 'refused',
      status: 401,
      code: 'unauthenticated',
      message: 'The credential was not accepted.',
      headers,
    };
  }

  /** Too many wrong ones came from this address. */
  held(waitMs: number): RefusedAuthentication {
    const seconds = Math.ceil(waitMs / 1000);
    return {
      kind: 'refused',
      status: 429,
      code: 'rate_limited',
      message: `Too many credentials were wrong: try again in ${seconds} seconds.`,
      headers: { 'retry-after': String(seconds) },
    };
  }

  /** It could not be found out whether the credential is good. */
  unavailable(): RefusedAuthentication {
    return {
      kind: 'refused',
      status: 503,
      code: 'overloaded',
      message: 'The credential cannot be checked right now.',
      headers: { 'retry-after': String(RETRY_SECONDS) },
    };
  }
}
