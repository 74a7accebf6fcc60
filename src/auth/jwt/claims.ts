import { isObject } from '../../core/index.js';

/** The claims of a token whose signature is good. */
export type Claims = Readonly<Record<string, unknown>>;

/** A claim is there, but it is not what it should be. */
export class ClaimFault extends Error {}

/**
 * The value at a path: a claim of exactly that name (`https://example.com/roles`), else the dotted way into nested ones
 * (`realm_access.roles`). `undefined` when there is none, or `null`.
 */
export function claimAt(claims: Claims, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path] ?? undefined;
  return path.includes('.') ? descend(claims, path.split('.')) : undefined;
}

/** Names in a claim may have dots themselves: `resource_access.my.client.roles` is looked for in every way it can be cut. */
function descend(value: unknown, segments: readonly string[]): unknown {
  if (segments.length === 0) return value ?? undefined;
  if (!isObject(value)) return undefined;
  for (let length = 1; length <= segments.length; length++) {
    const name = segments.slice(0, length).join('.');
    if (!Object.hasOwn(value, name)) continue;
    const found = descend(value[name], segments.slice(length));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The first of some claims that is there. */
export function firstClaim(claims: Claims, paths: readonly string[]): unknown {
  for (const path of paths) {
    const value = claimAt(claims, path);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** The names in some claims, together, each once. @throws ClaimFault when one is neither a text nor a list of texts */
export function namesIn(claims: Claims, paths: readonly string[]): readonly string[] {
  const names: string[] = [];
  for (const path of paths) {
    const value = claimAt(claims, path);
    if (value !== undefined) names.push(...texts(value));
  }
  return names.length > 1 ? [...new Set(names)] : names;
}

/** Scopes: a text with spaces between them (RFC 9068), or a list of them. */
export function scopesIn(claims: Claims, paths: readonly string[]): readonly string[] {
  const value = firstClaim(claims, paths);
  if (value === undefined) return [];
  return texts(value).flatMap((text) => text.split(' ').filter((scope) => scope !== ''));
}

function texts(value: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  for (const item of list) {
    if (typeof item !== 'string') throw new ClaimFault('is neither a text nor a list of texts');
  }
  return list as readonly string[];
}
