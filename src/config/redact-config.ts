import { redactText } from '../core/index.js';
import type { ConfigSections, SchemaNode } from './schema-node.js';
import { sectionsTree } from './schema-tree.js';
import { below, hasSecretKeys } from './schema-walk.js';

/** Stands for a secret wherever one would be printed. */
export const REDACTED = '***';

/**
 * The configuration as it may be printed: what the schemas mark as secret is `***`, and credentials inside other texts
 * (`postgres://user:password@host`) are masked.
 */
export function redactConfig(
  config: Readonly<Record<string, unknown>>,
  sections: ConfigSections,
): Record<string, unknown> {
  return redact(config, sectionsTree(sections)) as Record<string, unknown>;
}

function redact(value: unknown, node: SchemaNode | undefined): unknown {
  if (value === undefined || value === null) return value;
  if (node?.secret === true) return REDACTED;
  if (Array.isArray(value)) return value.map((item: unknown, index) => redact(item, node && below(node, index)));
  if (typeof value === 'string') return redactText(value);
  if (typeof value !== 'object') return value;
  if (Object.getPrototypeOf(value) !== Object.prototype) return redactText(Object.prototype.toString.call(value));
  const secretKeys = node !== undefined && hasSecretKeys(node);
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]: [string, unknown], index) => [
      secretKeys ? `${REDACTED}${index + 1}` : key,
      redact(inner, node && below(node, key)),
    ]),
  );
}

/** Every text in a value that is a secret by its schema. */
export function* secretTexts(value: unknown, node: SchemaNode | undefined, secret = false): Generator<string> {
  const hidden = secret || node?.secret === true;
  if (typeof value === 'string') {
    if (hidden) yield value;
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value) as [string, unknown][]) {
      if (node !== undefined && hasSecretKeys(node)) yield key;
      yield* secretTexts(inner, node && below(node, key), hidden);
    }
  }
}
