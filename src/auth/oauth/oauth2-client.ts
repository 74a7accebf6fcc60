import { generateRandomCodeVerifier } from 'oauth4webapi';
import { principalKey, ToolError, UnauthenticatedError, type Call, type Principal } from '../../core/index.js';
import type { AuthorizationServer } from './authorization-server.js';
import { ClientCredentials } from './client-credentials.js';
import { CallbackRefusedError, ConsentRequiredError } from './oauth-errors.js';
import type { OAuthClientOptions } from './oauth.options.js';
import type { PendingConsents } from './pending-consents.js';
import type { TokenRefresher } from './token-refresher.js';
import { covers, unionOf, type TokenSet } from './token-set.js';
import type { TokenVault } from './token-vault.js';

/** Whose token, and what it has to be good for. */
export interface AccessTokenRequest {
  /** Whom the token stands for; pass `call.principal`. */
  readonly principal: Principal | undefined;
  /** @default the client's `scopes` */
  readonly scopes?: readonly string[] | undefined;
  /** The call in whose course the person may be asked for consent. @default nobody is asked, the error tells where to consent */
  readonly call?: Call | undefined;
}

/** What became of a consent. */
export interface GrantedConsent {
  /** The id of the principal whose tokens they are. */
  readonly principalId: string;
  readonly scopes: readonly string[];
}

/** What a client is made of. */
export interface OAuth2ClientParts {
  readonly options: OAuthClientOptions;
  /** Where the authorization server sends browsers back to. */
  readonly redirectUri: string;
  readonly server: AuthorizationServer;
  readonly vault: TokenVault;
  readonly pending: PendingConsents;
  readonly refresher: TokenRefresher;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** How often a call that waits for a person looks whether the tokens have come. */
const POLL_MS = 250;

/**
 * Gets tokens for one protected system, in the name of the caller or of this server; for tools that call it.
 *
 * Tokens belong to one principal and are given to that one only. They are never logged, never in an error, encrypted
 * where they are kept, and must not go anywhere but to the system they are for.
 *
 * @example
 * ```ts
 * constructor(@InjectOAuth2Client('crm') private readonly crm: OAuth2Client) {}
 *
 * @McpTool({ description: 'Lists my customers' })
 * async listCustomers(_: unknown, call: Call) {
 *   const token = await this.crm.accessToken({ principal: call.principal, call });
 *   return fetch('https://crm.example.com/customers', { headers: { authorization: `Bearer ${token}` } });
 * }
 * ```
 */
export class OAuth2Client {
  readonly #credentials: ClientCredentials;
  /** How many times a call has asked for a token: the keys of its questions have to be the same in every replay. */
  readonly #asked = new WeakMap<Call, number>();

  constructor(
    /** Its key in `auth.oauthClients`. */
    readonly name: string,
    private readonly parts: OAuth2ClientParts,
  ) {
    const { server, options, now } = parts;
    const ask = (scopes: readonly string[]) => server.clientCredentials(scopes);
    this.#credentials = new ClientCredentials(ask, options.expirySkewMs, now);
  }

  /**
   * A token for this server itself (client credentials): kept until shortly before its end, asked for once however many
   * callers. In it nobody's consent counts: what a caller may do with it is for the tool's policy to say.
   *
   * @throws AuthorizationServerError
   */
  clientCredentials({ scopes }: { readonly scopes?: readonly string[] | undefined } = {}): Promise<string> {
    return this.#credentials.get(scopes ?? this.parts.options.scopes);
  }

  /**
   * A token for a person: the one that is held, a refreshed one, or the one that comes of asking for consent.
   *
   * With a `call` whose client can show a page, the person is asked there and then, and the call waits `consentWaitMs`
   * for what comes of it; in the 2026 era the handler runs again from its start, so effects before this belong into
   * `call.once`. A handler that asks for several tokens has to ask in the same order whenever it runs.
   *
   * @throws ConsentRequiredError naming the page, where the person can't be asked or has not finished
   * @throws UnauthenticatedError when nobody is known to be calling: a token would be everybody's
   * @throws AuthorizationServerError
   */
  async accessToken({ principal, scopes, call }: AccessTokenRequest): Promise<string> {
    const known = this.#known(principal);
    const needed = scopes ?? this.parts.options.scopes;
    const held = () => this.#held(known, needed);
    if (call === undefined || !call.clientSupports('elicitation', 'url')) {
      return (await held()) ?? this.#refuse(await this.#consentUrl(known, needed));
    }
    const number = (this.#asked.get(call) ?? 0) + 1;
    this.#asked.set(call, number);
    const key = `oauth.${this.name}.${number}`;
    // What is decided is remembered over replays, or a person who has consented by then would not be found to have been asked.
    const url = await call.once(`${key}.url`, async () =>
      (await held()) === undefined ? this.#consentUrl(known, needed) : null,
    );
    if (url === null) return (await held()) ?? this.#refuse(await this.#consentUrl(known, needed));
    const { action } = await call.elicitUrl({ key, message: this.#message(needed), url });
    if (action !== 'accept') throw new ToolError(`Access to "${this.name}" was not granted.`);
    return (await this.#arrival(known, needed, call)) ?? this.#refuse(url, 'The consent has not been finished.');
  }

  /**
   * Where this person consents, once, within `consentTtlMs`: authorization code with PKCE S256. Show it to that person
   * and to nobody else: whoever finishes it gives this principal access to an account of theirs.
   *
   * Asks for what is granted already too, so that nothing is lost by it.
   *
   * @throws UnauthenticatedError when nobody is known to be calling
   */
  async authorizationUrl({ principal, scopes }: Omit<AccessTokenRequest, 'call'>): Promise<string> {
    return this.#consentUrl(this.#known(principal), scopes ?? this.parts.options.scopes);
  }

  /**
   * Takes the answer with which a browser came back from {@link authorizationUrl}, and keeps the tokens.
   *
   * @param visitor - who the browser is known to belong to, where that is known: another one than began it is refused
   * @throws CallbackRefusedError when the state is unknown, used, expired or somebody else's, or access was not granted
   * @throws AuthorizationServerError
   */
  async callback(parameters: URLSearchParams, visitor?: Principal): Promise<GrantedConsent> {
    const { server, pending, vault } = this.parts;
    const states = parameters.getAll('state');
    const [state] = states;
    const consent = state === undefined || states.length > 1 ? undefined : await pending.take(state);
    if (state === undefined || consent === undefined) {
      throw new CallbackRefusedError('This link is unknown, was used already, or is too old.');
    }
    if (visitor !== undefined && principalKey(visitor) !== consent.person) {
      throw new CallbackRefusedError('This link belongs to somebody else.');
    }
    const tokens = await server.exchange(parameters, { ...consent, state });
    await vault.replace(consent.person, this.#kept(tokens));
    return { principalId: consent.displayId, scopes: tokens.scopes };
  }

  /**
   * Does not hand out this token again, because the protected system refused it before its time; the next request
   * refreshes it or asks for consent.
   *
   * @param principal - whose token it was; without, one of this server itself
   */
  async discard({
    principal,
    accessToken,
  }: {
    readonly principal?: Principal | undefined;
    readonly accessToken: string;
  }): Promise<void> {
    if (principal === undefined) return this.#credentials.discard(accessToken);
    const { vault, now } = this.parts;
    const person = principalKey(principal);
    const held = await vault.read(person);
    if (held === undefined || held.tokens.accessToken !== accessToken) return;
    if (held.tokens.refreshToken === undefined) await vault.drop(person, held.version);
    else await vault.write(person, { ...held.tokens, expiresAt: now() }, held.version);
  }

  /**
   * Forgets a person's tokens and ends them at the server, where it knows revocation (RFC 7009).
   *
   * @returns whether there were any
   * @throws AuthorizationServerError when the server could not be told; they are forgotten here all the same
   */
  async forget(principal: Principal): Promise<boolean> {
    const { vault, server } = this.parts;
    const person = principalKey(principal);
    const held = await vault.read(person);
    if (held === undefined || !(await vault.drop(person, held.version))) return false;
    await server.revoke(held.tokens.refreshToken ?? held.tokens.accessToken);
    return true;
  }

  #known(principal: Principal | undefined): Principal {
    if (principal !== undefined) return principal;
    throw new UnauthenticatedError(
      `Access to "${this.name}" belongs to a person: authenticate, so that it is known whose.`,
    );
  }

  async #held(principal: Principal, needed: readonly string[]): Promise<string | undefined> {
    const person = principalKey(principal);
    const held = await this.parts.vault.read(person);
    if (held === undefined || !covers(held.tokens, needed)) return undefined;
    const tokens = await this.parts.refresher.fresh(person);
    return tokens !== undefined && covers(tokens, needed) ? tokens.accessToken : undefined;
  }

  async #consentUrl(principal: Principal, needed: readonly string[]): Promise<string> {
    const { vault, pending, server, redirectUri } = this.parts;
    const person = principalKey(principal);
    const granted = (await vault.read(person))?.tokens.scopes ?? [];
    const scopes = [...unionOf(needed, granted)];
    const codeVerifier = generateRandomCodeVerifier();
    const consent = { person, displayId: principal.id, scopes, codeVerifier, redirectUri };
    return server.consentUrl({ ...consent, state: await pending.begin(consent) });
  }

  async #arrival(principal: Principal, needed: readonly string[], call: Call): Promise<string | undefined> {
    const { now, sleep, options } = this.parts;
    const giveUpAt = now() + options.consentWaitMs;
    for (;;) {
      const token = await this.#held(principal, needed);
      if (token !== undefined || call.aborted || now() >= giveUpAt) return token;
      await sleep(POLL_MS);
    }
  }

  #kept(tokens: TokenSet): TokenSet {
    const { refreshToken, ...rest } = tokens;
    return refreshToken !== undefined && this.parts.options.refreshTokenEnabled ? tokens : rest;
  }

  #message(needed: readonly string[]): string {
    const what = needed.length === 0 ? '' : ` (${needed.join(', ')})`;
    return `This server asks for access to "${this.name}" in your name${what}. Open the page to grant it.`;
  }

  #refuse(url: string, why?: string): never {
    throw new ConsentRequiredError(this.name, url, why);
  }
}
