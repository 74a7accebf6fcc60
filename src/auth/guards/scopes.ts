/** What a scope consists of: visible ASCII except space, `"` and `\` (RFC 6749 §3.3). */
export const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/;

/** Scopes that imply others. */
export class ScopeHierarchy {
  readonly #implied: ReadonlyMap<string, ReadonlySet<string>>;

  /** @param implications - a scope and those that it implies; these may imply further ones, in circles too */
  constructor(implications: Readonly<Record<string, readonly string[]>>) {
    this.#implied = new Map(Object.keys(implications).map((scope) => [scope, closure(scope, implications)]));
  }

  /** Whether a token with the granted scopes has one that is required, by itself or by implication. */
  grants(granted: readonly string[], required: string): boolean {
    return granted.some((scope) => scope === required || this.#implied.get(scope)?.has(required) === true);
  }

  /** Every scope that is named, in code-point order. */
  get known(): readonly string[] {
    return [...new Set([...this.#implied].flatMap(([scope, implied]) => [scope, ...implied]))].toSorted();
  }
}

function closure(start: string, implications: Readonly<Record<string, readonly string[]>>): ReadonlySet<string> {
  const reached = new Set([start]);
  for (const scope of reached) {
    const direct = Object.hasOwn(implications, scope) ? implications[scope] : undefined;
    for (const implied of direct ?? []) reached.add(implied);
  }
  return reached;
}
