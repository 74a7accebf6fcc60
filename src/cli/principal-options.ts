import type { Command } from 'commander';
import { closest } from '../core/index.js';
import { UsageError } from './exit-code.js';
import { collect } from './options.js';

/** What an option of the command line gives to somebody. */
export interface GivenGrants {
  readonly role?: readonly string[];
  readonly permission?: readonly string[];
}

const LONGEST_NAME = 128;

/** Adds `--role` and `--permission`. */
export function withGrants(command: Command): Command {
  return command
    .option('--role <role>', 'a role of permissions.roles; repeatable', collect)
    .option('--permission <permission>', 'a permission besides those of the roles; repeatable', collect);
}

/** Adds `--attribute`. */
export function withAttributes(command: Command): Command {
  return command.option(
    '--attribute <name=value>',
    'what validators and handlers read of the caller; JSON, or else a text; repeatable',
    collect,
  );
}

/**
 * The roles and permissions that were given, each once.
 *
 * @param known - the keys of `permissions.roles`
 * @throws UsageError naming a role that does not exist, and those that do
 */
export function readGrants(
  { role = [], permission = [] }: GivenGrants,
  known: readonly string[],
): { readonly roles: readonly string[]; readonly permissions: readonly string[] } {
  for (const name of role) {
    if (known.includes(name)) continue;
    const meant = closest(name, known);
    const there = known.length === 0 ? 'permissions.roles has none' : `the roles are: ${known.join(', ')}`;
    throw new UsageError(
      `there is no role ${name}; ${meant === undefined ? there : `did you mean ${meant}? ${there}`}`,
    );
  }
  for (const name of permission) {
    if (name !== '' && name.length <= LONGEST_NAME) continue;
    throw new UsageError(`--permission takes a name of 1 to ${LONGEST_NAME} characters`);
  }
  return { roles: [...new Set(role)], permissions: [...new Set(permission)] };
}

/** Each `name=value`, its value read as JSON where it is JSON. @throws UsageError naming what is no pair, or is there twice */
export function readAttributes(pairs: readonly string[] = []): Readonly<Record<string, unknown>> {
  const attributes = new Map<string, unknown>();
  for (const pair of pairs) {
    const at = pair.indexOf('=');
    if (at < 1) throw new UsageError(`--attribute takes name=value, not "${pair}"`);
    const name = pair.slice(0, at);
    if (attributes.has(name)) throw new UsageError(`--attribute ${name} is given twice`);
    attributes.set(name, readValue(pair.slice(at + 1)));
  }
  return Object.fromEntries(attributes);
}

function readValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
