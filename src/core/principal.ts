/** Who is calling, as far as the server has established it. */
export interface Principal {
  /** Unique within its issuer; appears in logs, audit and metrics, so it must not be a secret. */
  readonly id: string;
  readonly roles: readonly string[];
  /** What the credential itself grants; those of the roles come on top. */
  readonly permissions: readonly string[];
  /** Scopes of the access token, when there is one; `undefined` for credentials that know no scopes. */
  readonly scopes?: readonly string[] | undefined;
  /** Claims of a token or attributes of an API key. */
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly tenant?: string | undefined;
  /** Who vouches for the id: the issuer of a token; `undefined` for this server's own keys. */
  readonly issuer?: string | undefined;
  /** Who acts on behalf of this principal (the `act` claim of RFC 8693). */
  readonly actor?: string | undefined;
  /** When the credential ends, in milliseconds since the epoch. */
  readonly expiresAt?: number | undefined;
}

/**
 * What tells one principal from every other, whoever issued it: the key of handles, caches and limits.
 *
 * Nobody (`undefined`) has a key of its own.
 */
export function principalKey(principal: Principal | undefined): string {
  if (principal === undefined) return '';
  const { id, issuer, tenant } = principal;
  if (issuer === undefined && tenant === undefined) return `id:${id}`;
  return `at:${JSON.stringify([issuer ?? null, tenant ?? null, id])}`;
}
