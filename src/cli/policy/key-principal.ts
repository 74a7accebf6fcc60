import type { AppConfig } from '../../app.module.js';
import { configuredKeys, type ApiKeyStore, type ConfiguredKey } from '../../auth/index.js';
import type { Principal } from '../../core/index.js';
import { UsageError } from '../exit-code.js';

/** Who an API key stands for, found by its id: the key itself is not needed. */
export interface KeyPrincipal {
  readonly principal: Principal;
  /** Why the key is refused whatever it may do; `undefined` for a good one. */
  readonly fault: string | undefined;
}

/**
 * Looks for a key in the configuration, then in the store.
 *
 * @throws UsageError when neither has it
 */
export async function keyPrincipal(
  id: string,
  { auth }: AppConfig,
  store: ApiKeyStore,
  now: number,
): Promise<KeyPrincipal> {
  const configured = configuredKeys(auth.apiKeys, () => ({ secret: '', worldReadable: false }))
    .map(({ record }) => record)
    .find((record) => record.id === id);
  const record: ConfiguredKey['record'] | undefined = configured ?? (await store.get(id));
  if (record === undefined) {
    throw new UsageError(`there is no key ${id}, neither in auth.apiKeys nor in the store (rookery keys list)`);
  }
  const { roles, permissions, attributes, tenant } = record;
  const principal = { id, roles, permissions, attributes, ...(tenant !== undefined && { tenant }) };
  const unused = configured === undefined && !auth.storedKeys;
  return {
    principal,
    fault: unused ? 'auth.storedKeys is false: keys of the store are not accepted' : faultOf(record, now),
  };
}

function faultOf(
  { disabled, revokedAt, expiresAt = Infinity }: ConfiguredKey['record'],
  now: number,
): string | undefined {
  if (revokedAt !== undefined) return 'the key is revoked';
  if (disabled === true) return 'the key is disabled';
  return now >= expiresAt ? 'the key has expired' : undefined;
}
