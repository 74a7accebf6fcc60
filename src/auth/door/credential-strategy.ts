import passport from 'passport';
import type { CredentialRequest } from './credential-request.js';

/** Passport's own types speak of Express requests and sessions, which there are none of here. */
const Base = passport.Strategy as unknown as abstract new () => object;

/**
 * A Passport strategy that looks at a credential and nothing else.
 *
 * Passport derives an object from the strategy for each attempt and puts the actions on it, so a subclass must not have
 * `#private` members. Each attempt ends in exactly one of the actions.
 */
export abstract class CredentialStrategy extends Base {
  /** Lets somebody in. */
  declare success: (user: object, info: object) => void;
  /** Refuses the credential; without an argument: it is for another strategy. */
  declare fail: (challenge?: object) => void;
  /** It could not be found out. */
  declare error: (error: unknown) => void;

  constructor(readonly name: string) {
    super();
  }

  abstract authenticate(request: CredentialRequest): void;
}
