import { isFresh, type TokenSet } from './token-set.js';

/** More combinations of scopes than a server has tools are a mistake: the oldest goes. */
const MAX_COMBINATIONS = 100;

/** Tokens of this server itself by scopes, in this process: each is asked for once and used until shortly before its end. */
export class ClientCredentials {
  readonly #tokens = new Map<string, TokenSet>();
  readonly #inFlight = new Map<string, Promise<TokenSet>>();

  constructor(
    private readonly ask: (scopes: readonly string[]) => Promise<TokenSet>,
    private readonly skewMs: number,
    private readonly now: () => number,
  ) {}

  /** @throws AuthorizationServerError; a token that has not ended yet is used while the server can't be reached. */
  async get(scopes: readonly string[]): Promise<string> {
    const key = [...scopes].toSorted().join(' ');
    const held = this.#tokens.get(key);
    if (held !== undefined && isFresh(held, this.skewMs, this.now())) return held.accessToken;
    try {
      return (await this.#once(key, scopes)).accessToken;
    } catch (error) {
      const latest = this.#tokens.get(key);
      if (latest !== undefined && latest.expiresAt > this.now()) return latest.accessToken;
      throw error;
    }
  }

  /** Does not hand out this token again. */
  discard(accessToken: string): void {
    for (const [key, tokens] of this.#tokens) if (tokens.accessToken === accessToken) this.#tokens.delete(key);
  }

  #once(key: string, scopes: readonly string[]): Promise<TokenSet> {
    const running = this.#inFlight.get(key);
    if (running !== undefined) return running;
    const asked = this.ask(scopes)
      .then((tokens) => this.#keep(key, tokens))
      .finally(() => this.#inFlight.delete(key));
    this.#inFlight.set(key, asked);
    return asked;
  }

  #keep(key: string, tokens: TokenSet): TokenSet {
    this.#tokens.delete(key);
    const oldest = this.#tokens.keys().next();
    if (this.#tokens.size >= MAX_COMBINATIONS && oldest.done !== true) this.#tokens.delete(oldest.value);
    this.#tokens.set(key, tokens);
    return tokens;
  }
}
