/** Who is calling, as far as the server has established it. */
export interface Principal {
  /** Stable and unique; appears in logs, audit and metrics, so it must not be a secret. */
  readonly id: string;
  readonly roles: readonly string[];
  readonly permissions: readonly string[];
  /** Scopes of the access token, when there is one. */
  readonly scopes?: readonly string[] | undefined;
  /** Claims of a token or attributes of an API key. */
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly tenant?: string | undefined;
}
