import { hash } from 'node:crypto';
import type { Call, Principal, ServerIdentity, Target } from '../core/index.js';
import { principalKey } from '../core/index.js';
import type { CachePlan } from './cache-plan.js';
import { NotCanonicalError, canonical } from './canonical.js';

/** Claims that say when a token was made rather than who has it: a new token of the same principal is to find the same. */
const OF_THE_TOKEN: ReadonlySet<string> = new Set('iat exp nbf jti auth_time nonce at_hash c_hash sid uti'.split(' '));

const EVERYBODY = '*';
const NOBODY = '-';

/**
 * Makes the keys of results: a digest of server, target, its declaration, validated arguments and who may have them.
 * Nothing can be read from a key, and nobody can make one that is another's.
 */
export class CacheKeys {
  readonly #scopes = new WeakMap<Principal, string>();

  constructor(private readonly server: Pick<ServerIdentity, 'name' | 'version'>) {}

  /**
   * The keys of one target's calls; `undefined` for a call whose arguments may hold more than can be seen.
   *
   * What does not depend on the call is digested once.
   */
  of(target: Target, { namespace, acrossTargets, scope }: CachePlan): (call: Call) => string | undefined {
    const { name, version } = this.server;
    const what = acrossTargets
      ? ['shared', namespace]
      : [target.kind, target.name, namespace ?? null, declaration(target)];
    const prefix = hash('sha256', JSON.stringify([name, version, ...what]), 'base64url');
    const [everybodys, nobodys] = [headOf(prefix, EVERYBODY), headOf(prefix, NOBODY)];
    const heads = new WeakMap<Principal, string>();
    const ofPrincipal = (principal: Principal): string => {
      let head = heads.get(principal);
      if (head === undefined) heads.set(principal, (head = headOf(prefix, this.#scopeOf(principal))));
      return head;
    };
    return ({ principal, input }) => {
      try {
        const head = scope === 'shared' ? everybodys : principal === undefined ? nobodys : ofPrincipal(principal);
        return hash('sha256', head + canonical(input), 'base64url');
      } catch (error) {
        if (error instanceof NotCanonicalError) return undefined;
        throw error;
      }
    };
  }

  /** Two credentials of one principal may allow different things, and a handler may look at them. */
  #scopeOf(principal: Principal): string {
    const known = this.#scopes.get(principal);
    if (known !== undefined) return known;
    const { roles, permissions, scopes, actor, attributes } = principal;
    const lasting = Object.fromEntries(Object.entries(attributes).filter(([claim]) => !OF_THE_TOKEN.has(claim)));
    const sorted = [roles, permissions, scopes].map((names) => names?.toSorted());
    const scope = hash('sha256', canonical([principalKey(principal), sorted, actor, lasting]), 'base64url');
    this.#scopes.set(principal, scope);
    return scope;
  }
}

/** What the keys of one target and one caller have in common; of one length, so that it ends where arguments begin. */
function headOf(prefix: string, who: string): string {
  return hash('sha256', `${prefix}\n${who}`, 'base64url');
}

/** What a client is told of a target: a result made under another declaration is not found. */
function declaration(target: Target & { readonly options?: object }): string {
  const { title, description, annotations, mimeType } = (target.options ?? {}) as Readonly<Record<string, unknown>>;
  const told = [title, description, annotations, mimeType, target.input.jsonSchema, target.output?.jsonSchema];
  return hash('sha256', JSON.stringify(told), 'base64url');
}
