import { ExecutionContextHost } from '@nestjs/core/internal';
import { AcceptedCredential } from './accepted.js';
import { asPrincipal } from './as-principal.js';
import { Expiring, type AttemptDeadlines } from './attempt-deadlines.js';
import type { CredentialRequest } from './credential-request.js';
import { CredentialRefusal, CredentialsUnavailableError, type RefusalReason } from './refusal-reason.js';
import type { Verdict } from './verdict.js';

/** What strategies report: an error, a user, and what each of them says of it. */
interface Report {
  readonly error: unknown;
  readonly user: unknown;
  readonly info: unknown;
}

/**
 * The request that Passport gets. It has a place for all that Passport and its guard put on a request: an object that
 * grows by eleven members on its way is as dear as the signature of a token.
 */
class AttemptRequest {
  readonly method = 'POST';
  readonly url = '/';
  login: unknown = undefined;
  logIn: unknown = undefined;
  logout: unknown = undefined;
  logOut: unknown = undefined;
  isAuthenticated: unknown = undefined;
  isUnauthenticated: unknown = undefined;
  _sessionManager: unknown = undefined;
  authInfo: unknown = undefined;
  user: unknown = undefined;
  readonly headers: CredentialRequest['headers'];
  readonly credential: CredentialRequest['credential'];
  readonly ip: string | undefined;

  constructor({ headers, credential, ip }: CredentialRequest) {
    this.headers = headers;
    this.credential = credential;
    this.ip = ip;
  }
}

/** What guards of Passport are given: it knows its attempt. */
export class AttemptContext extends ExecutionContextHost {
  constructor(
    args: unknown[],
    readonly attempt: PassportAttempt,
  ) {
    super(args);
  }
}

/**
 * One credential on its way through the strategies: the request and response that Passport gets, and what comes back.
 *
 * The request has headers only. The response is not the client's: a strategy that answers by itself, as redirecting ones
 * do, has come to no decision.
 */
export class PassportAttempt extends Expiring {
  readonly context: AttemptContext;
  #report: Report | undefined;
  #settle: (verdict: Verdict) => void = () => undefined;

  constructor(request: CredentialRequest) {
    super();
    const response = { statusCode: 200, setHeader: () => undefined, end: () => this.#settle(this.#verdict()) };
    this.context = new AttemptContext([new AttemptRequest(request), response], this);
  }

  /**
   * Lets the strategies look at the credential. Resolves when they have come to a decision, one answers by itself, or its
   * time is over; does not reject.
   */
  run(strategies: (context: AttemptContext) => Promise<unknown>, deadlines: AttemptDeadlines): Promise<Verdict> {
    return new Promise((decided) => {
      const resolve = (verdict: Verdict): void => {
        deadlines.end(this);
        decided(verdict);
      };
      this.#settle = resolve;
      deadlines.begin(this);
      strategies(this.context).then(
        () => resolve(this.#verdict()),
        (cause: unknown) => resolve({ kind: 'unavailable', cause }),
      );
    });
  }

  /** Its time is over: what strategies have reported by now is all that counts. */
  override expire(): void {
    this.#settle(this.#verdict());
  }

  /** Takes down what the strategies report; a first report stays. */
  note(error: unknown, user: unknown, info: unknown): void {
    this.#report ??= { error, user, info };
  }

  /** What it comes to. A strategy that let the request pass without saying who it is has let nobody in. */
  #verdict(): Verdict {
    if (this.#report === undefined) return { kind: 'refused', reason: 'undecided' };
    const { error, user, info } = this.#report;
    if (error !== undefined && error !== null) return { kind: 'unavailable', cause: error };
    if (user === undefined || user === null || user === false) return { kind: 'refused', reason: reasonOf(info) };
    try {
      const by = info instanceof AcceptedCredential ? info : new AcceptedCredential('other', false);
      const principal = by === info ? (user as ReturnType<typeof asPrincipal>) : asPrincipal(user, info);
      return { kind: 'accepted', principal, by };
    } catch (cause) {
      return { kind: 'unavailable', cause: new CredentialsUnavailableError('a strategy of the team', { cause }) };
    }
  }
}

/** The first reason that a strategy of ours gives; those for which the credential was not meant give none. */
function reasonOf(info: unknown): RefusalReason {
  const all: readonly unknown[] = Array.isArray(info) ? info : [info];
  const refusal = all.find((one) => one instanceof CredentialRefusal);
  if (refusal !== undefined) return refusal.reason;
  // What passport-jwt says by itself is that jsonwebtoken did not accept the signature.
  return all.some((one) => one instanceof Error && one.name === 'JsonWebTokenError') ? 'signature' : 'unknown';
}
