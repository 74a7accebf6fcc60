import type { AppConfig } from '../../app.module.js';
import type { CliContext } from '../context.js';
import { parseDuration, parseEnd } from '../duration.js';
import { UsageError } from '../exit-code.js';
import type { ConfigOption } from '../options.js';
import { isoTime, json } from '../output.js';
import { readAttributes, readGrants, type GivenGrants } from '../principal-options.js';
import { assertNotConfigured, atKeyDesk } from './key-desk.js';
import { listedKey, renderKeys } from './key-listing.js';

/** What every command on keys may be given. */
export interface KeysFlags extends ConfigOption {
  readonly json?: boolean;
}

/** What a new key is to be, as the command line says it. */
export interface CreateFlags extends KeysFlags, GivenGrants {
  readonly attribute?: readonly string[];
  readonly tenant?: string;
  readonly expires?: string;
}

/** How a key is replaced, as the command line says it. */
export interface RotateFlags extends KeysFlags {
  readonly grace: string;
  readonly expires?: string;
}

/** `rookery keys create`. @throws UsageError for a wrong option or a role that does not exist; Error when the id is taken */
export async function createKey(context: CliContext, id: string, flags: CreateFlags): Promise<void> {
  const attributes = readAttributes(flags.attribute);
  const { tenant } = flags;
  if (tenant === '') throw new UsageError('--tenant takes a name');
  const expiresAt = endOf(flags.expires);
  await atKeyDesk(context, flags, async ({ config, keys }) => {
    const { roles, permissions } = readGrants(flags, Object.keys(config.permissions.roles));
    assertNotConfigured(id, config, 'take another id, or it would stand for both');
    const { key } = await keys.create({ id, roles, permissions, attributes, tenant, expiresAt });
    const end = expiresAt === undefined ? undefined : isoTime(expiresAt);
    handOver(context, flags, config, key, { id, roles, permissions, attributes, tenant, expiresAt: end });
  });
}

/** `rookery keys list`. */
export async function listKeys(context: CliContext, flags: KeysFlags): Promise<void> {
  await atKeyDesk(context, flags, async ({ config, store }) => {
    const now = Date.now();
    const listed = (await store.list()).map((key) => listedKey(key, now));
    context.out(flags.json === true ? json(listed) : renderKeys(listed));
    if (listed.length === 0 && flags.json !== true) context.err('The store has no keys.\n');
    warnIfNotAccepted(context, config);
  });
}

/** `rookery keys rotate`. @throws UsageError when the new key would never work; Error when there is no such key */
export async function rotateKey(context: CliContext, id: string, flags: RotateFlags): Promise<void> {
  const overlapMs = parseDuration(flags.grace, '--grace');
  const expiresAt = endOf(flags.expires);
  await atKeyDesk(context, flags, async ({ config, store, keys }) => {
    assertNotConfigured(id, config, 'give its entry in auth.apiKeys a new secret, and the old one as `previous`');
    const before = await store.get(id);
    if (expiresAt === undefined && before?.revokedAt === undefined && (before?.expiresAt ?? Infinity) <= Date.now()) {
      throw new UsageError(`the key ${id} has expired, and the new one would have too: add --expires`);
    }
    const { key } = await keys.rotate(id, { overlapMs, expiresAt });
    const end = expiresAt ?? before?.expiresAt;
    handOver(context, flags, config, key, {
      id,
      previousUntil: isoTime(Date.now() + overlapMs),
      expiresAt: end === undefined ? undefined : isoTime(end),
    });
    if (flags.json !== true) context.err(oldKey(overlapMs, flags.grace, config));
  });
}

/** `rookery keys revoke`. @throws Error when there is no such key, or it was revoked before */
export async function revokeKey(context: CliContext, id: string, flags: KeysFlags): Promise<void> {
  await atKeyDesk(context, flags, async ({ config, keys }) => {
    assertNotConfigured(id, config, 'take its entry out of auth.apiKeys, or set `disabled: true` there, and restart');
    await keys.revoke(id);
    const { revocationSeconds } = config.auth;
    if (flags.json === true) context.out(json({ id, revoked: true, withinSeconds: revocationSeconds }));
    else context.err(`${id} is revoked; running servers refuse it within ${seconds(revocationSeconds)}.\n`);
  });
}

/** Prints a new key where it cannot be missed, and what to know about it where it does not get in the way. */
function handOver(
  context: CliContext,
  flags: KeysFlags,
  config: AppConfig,
  key: string,
  about: Readonly<Record<string, unknown>>,
): void {
  if (flags.json === true) context.out(json({ ...about, key }));
  else {
    context.out(`${key}\n`);
    context.err(
      'This is the only time that the key is shown. Send it as `Authorization: Bearer <key>` or `X-API-Key: <key>`;\n' +
        'rookery call and rookery tools take it from ROOKERY_API_KEY or ROOKERY_API_KEY_FILE.\n',
    );
  }
  warnIfNotAccepted(context, config);
}

function oldKey(overlapMs: number, grace: string, { auth: { revocationSeconds } }: AppConfig): string {
  if (overlapMs > 0) return `The old key works for another ${grace}.\n`;
  return `The old key has ended; running servers refuse it within ${seconds(revocationSeconds)}.\n`;
}

function warnIfNotAccepted({ err }: CliContext, { auth }: AppConfig): void {
  if (auth.storedKeys) return;
  err(
    'warning: the server does not accept the keys of the store until the configuration says auth.storedKeys: true ' +
      '(ROOKERY_AUTH__STORED_KEYS=true).\n',
  );
}

function endOf(expires: string | undefined): number | undefined {
  return expires === undefined ? undefined : parseEnd(expires, '--expires', Date.now());
}

function seconds(number: number): string {
  return `${number} second${number === 1 ? '' : 's'}`;
}
