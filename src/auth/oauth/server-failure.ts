import * as oauth from 'oauth4webapi';
import { EgressRefusal } from './egress-fetch.js';
import { AuthorizationServerError } from './oauth-errors.js';

/** What went wrong with a request, in our words: nothing that the server sent stands in it but a known kind of code. */
export function asServerError(client: string, grant: string, error: unknown): AuthorizationServerError {
  const cause = withoutContent(error);
  if (error instanceof oauth.ResponseBodyError) {
    const code = codeOf(error.error);
    return new AuthorizationServerError(client, 'refused', `refused ${grant}: ${code}`, code, { cause });
  }
  if (error instanceof oauth.WWWAuthenticateChallengeError) {
    return new AuthorizationServerError(client, 'refused', `refused ${grant}: ${error.status}`, undefined, { cause });
  }
  if (error instanceof EgressRefusal) {
    return new AuthorizationServerError(client, 'unusable', error.message, undefined, { cause });
  }
  if (error instanceof oauth.OperationProcessingError && !isServerFault(error)) {
    const what = `gave an answer to ${grant} that cannot be used`;
    return new AuthorizationServerError(client, 'unusable', what, undefined, { cause });
  }
  if (error instanceof oauth.UnsupportedOperationError) {
    return new AuthorizationServerError(client, 'unusable', `cannot be used: ${error.message}`, undefined, { cause });
  }
  return new AuthorizationServerError(client, 'unreachable', 'cannot be reached', undefined, { cause });
}

/** A 5xx, or what a proxy in front answers for a server that is down. */
function isServerFault({ cause }: Error): boolean {
  return cause instanceof Response && cause.status >= 500;
}

/** An error code as RFC 6749 allows it; whatever else a server sends is not repeated. */
export function codeOf(code: string): string {
  return /^[\w.:/-]{1,64}$/.test(code) ? code : 'an error code that cannot be shown';
}

/** What is wrong, for the log, without what the server sent: there may be tokens in it. */
export function withoutContent(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('an unknown failure');
  const { cause } = error;
  const below =
    cause instanceof Error && !(error instanceof oauth.OperationProcessingError) ? `: ${cause.message}` : '';
  return new Error(`${error.name}: ${error.message}${below}`);
}
