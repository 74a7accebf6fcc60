import { ToolError } from '../../core/index.js';

/** Why an authorization server gave no token. */
export type AuthorizationServerFault = 'unreachable' | 'refused' | 'unusable';

/** The authorization server of a client gave no token. Never has a token, a code or a secret in it, nor in its cause. */
export class AuthorizationServerError extends ToolError {
  constructor(
    client: string,
    /** `unreachable` is worth another try; the others need somebody to look at the configuration. */
    readonly fault: AuthorizationServerFault,
    what: string,
    /** The server's error code (RFC 6749, 5.2), where it sent one. */
    readonly oauthError?: string,
    options?: ErrorOptions,
  ) {
    super(`The authorization server of "${client}" ${what}. ${ADVICE[fault](client)}`, {}, options);
  }
}

/** A person has to consent before this can be done; says where. */
export class ConsentRequiredError extends ToolError {
  constructor(
    client: string,
    /** Where to consent: for the person who is calling, and for nobody else. */
    readonly url: string,
    why = 'Access has not been granted yet.',
  ) {
    super(`${why} To let this server use "${client}" for you, open this page, then call again: ${url}`, {
      client,
      consentUrl: url,
    });
  }
}

/** A browser came back with what cannot be taken; the text is for the person in front of it. */
export class CallbackRefusedError extends ToolError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, {}, options);
  }
}

const ADVICE: Readonly<Record<AuthorizationServerFault, (client: string) => string>> = {
  unreachable: () => 'Try again later.',
  refused: (client) => `Whoever operates this server should check auth.oauthClients.${client}.`,
  unusable: (client) => `Whoever operates this server should check the URLs in auth.oauthClients.${client}.`,
};
