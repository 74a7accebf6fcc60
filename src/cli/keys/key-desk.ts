import type { AppConfig } from '../../app.module.js';
import { ApiKeys, configuredKeys, type ApiKeyStore } from '../../auth/index.js';
import type { CliContext } from '../context.js';
import { UsageError } from '../exit-code.js';
import { toOverrides, type ConfigOption } from '../options.js';

/** What the commands on keys work with. */
export interface KeyDesk {
  readonly config: AppConfig;
  readonly store: ApiKeyStore;
  readonly keys: ApiKeys;
}

/**
 * Opens the store of the configuration for one piece of work, and closes it whatever comes of that.
 *
 * @throws UsageError when the store would end with this process
 */
export async function atKeyDesk<T>(
  { application, source }: CliContext,
  flags: ConfigOption,
  work: (desk: KeyDesk) => Promise<T>,
): Promise<T> {
  const config = await application.configuration(source(toOverrides(flags)));
  if (/^:?memory:$/.test(config.store.url)) {
    throw new UsageError('store.url is in memory, and would end with this command: set it to file:… or postgres://…');
  }
  const store = await application.openStore(config);
  try {
    return await work({ config, store: store.keys, keys: new ApiKeys(store.keys) });
  } finally {
    await store.close();
  }
}

/** @throws UsageError when the id is that of a key in `auth.apiKeys`, saying what to do instead */
export function assertNotConfigured(id: string, { auth }: AppConfig, instead: string): void {
  if (configuredIds(auth).includes(id)) throw new UsageError(`${id} is a key of the configuration: ${instead}`);
}

/** The ids of the keys in `auth.apiKeys`; their files are not read. */
function configuredIds({ apiKeys }: AppConfig['auth']): readonly string[] {
  return configuredKeys(apiKeys, () => ({ secret: '', worldReadable: false })).map(({ record }) => record.id);
}
