import type { Telemetry } from '../../core/index.js';
import { AuthorizationServerError } from './oauth-errors.js';
import { isFresh, type TokenSet } from './token-set.js';
import type { HeldTokens, TokenVault } from './token-vault.js';

/** What a refresher is made of. */
export interface TokenRefresherParts {
  /** The client's name. */
  readonly client: string;
  readonly vault: TokenVault;
  /** @throws AuthorizationServerError */
  readonly refresh: (refreshToken: string, scopes: readonly string[]) => Promise<TokenSet>;
  readonly skewMs: number;
  /** The longest that one request to the server takes. */
  readonly timeoutMs: number;
  readonly telemetry: Telemetry;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** How often a process looks whether another one has finished refreshing. */
const POLL_MS = 50;
/** What a refresh may take beside its requests: reading and writing the store. */
const STORE_MARGIN_MS = 5_000;

/**
 * Has one refresh in flight for a person, however many callers and processes there are: within the process they share a
 * promise; across processes the one that writes its mark (`refreshingUntil`) into the tokens refreshes, the others wait
 * for what comes of it. A process that dies in the middle holds the others up until its mark runs out, no longer.
 *
 * The old refresh token stays until a new one is written. A server that rotates, and whose answer was lost, is asked
 * with it again: at once when the connection broke, otherwise by the next caller. Servers with a grace period give the
 * new tokens; those without say `invalid_grant`, and the person consents again.
 */
export class TokenRefresher {
  readonly #inFlight = new Map<string, Promise<TokenSet | undefined>>();

  constructor(private readonly parts: TokenRefresherParts) {}

  /**
   * Fresh tokens of a person; those held where they are fresh enough, or where the server can't be reached and they have
   * not ended yet. `undefined` when there are none, or the server no longer honours them: consent is needed.
   *
   * @throws AuthorizationServerError when the server cannot be reached in time, or refuses the client itself
   */
  fresh(person: string): Promise<TokenSet | undefined> {
    const running = this.#inFlight.get(person);
    if (running !== undefined) return running;
    const refresh = this.#fresh(person).finally(() => this.#inFlight.delete(person));
    this.#inFlight.set(person, refresh);
    return refresh;
  }

  async #fresh(person: string): Promise<TokenSet | undefined> {
    const { vault, client, skewMs, now, sleep } = this.parts;
    const giveUpAt = now() + 2 * this.#leaseMs;
    while (now() < giveUpAt) {
      const held = await vault.read(person);
      if (held === undefined) return undefined;
      const { tokens, version } = held;
      if (isFresh(tokens, skewMs, now())) return tokens;
      if (tokens.refreshToken === undefined) return tokens.expiresAt > now() ? tokens : undefined;
      if (tokens.refreshingUntil !== undefined && tokens.refreshingUntil > now()) {
        await sleep(POLL_MS);
        continue;
      }
      const mine = await vault.write(person, { ...tokens, refreshingUntil: now() + this.#leaseMs }, version);
      if (mine !== undefined) return this.#refresh(person, { tokens, version: mine }, tokens.refreshToken);
    }
    throw new AuthorizationServerError(client, 'unreachable', 'gave no new token while others asked it for one');
  }

  async #refresh(person: string, held: HeldTokens, refreshToken: string): Promise<TokenSet | undefined> {
    const { vault, now } = this.parts;
    try {
      const tokens = await this.#ask(refreshToken, held.tokens.scopes);
      await this.#keep(person, tokens, held.version);
      return tokens;
    } catch (error) {
      if (error instanceof AuthorizationServerError && error.oauthError === 'invalid_grant') {
        await vault.drop(person, held.version);
        // Another process may have written new ones while this one was at it with the old.
        const others = await vault.read(person);
        return others !== undefined && isFresh(others.tokens, this.parts.skewMs, now()) ? others.tokens : undefined;
      }
      // Takes the mark away, so that the next caller may try at once; where the store fails too, the mark runs out.
      await vault.write(person, held.tokens, held.version).catch(() => undefined);
      const usable = held.tokens.expiresAt > now();
      if (usable && error instanceof AuthorizationServerError && error.fault === 'unreachable') return held.tokens;
      throw error;
    }
  }

  /** Once more when the connection broke: the answer may have been lost on the way. Not when time has run out. */
  async #ask(refreshToken: string, scopes: readonly string[]): Promise<TokenSet> {
    const startedAt = this.parts.now();
    try {
      return await this.parts.refresh(refreshToken, scopes);
    } catch (error) {
      const inTime = this.parts.now() - startedAt < this.parts.timeoutMs;
      if (!(error instanceof AuthorizationServerError) || error.fault !== 'unreachable' || !inTime) throw error;
      return this.parts.refresh(refreshToken, scopes);
    }
  }

  /**
   * The new tokens are used even if they cannot be kept: the old ones may be worth nothing by now. That they could not
   * is counted, as the person may have to consent again.
   */
  async #keep(person: string, tokens: TokenSet, version: string): Promise<void> {
    const { vault, telemetry, client } = this.parts;
    try {
      await vault.write(person, tokens, version);
    } catch {
      telemetry
        .counter({
          name: 'rookery_oauth_tokens_not_kept_total',
          help: 'Refreshed tokens that the store could not keep; their owners may have to consent again.',
          labels: ['client'],
        })
        .bind({ client })
        .add(1);
    }
  }

  /** Two requests, and the store. */
  get #leaseMs(): number {
    return 2 * this.parts.timeoutMs + STORE_MARGIN_MS;
  }
}
