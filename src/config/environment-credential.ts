import { resolve } from 'node:path';
import { readValueFile } from './config-files.js';
import type { ConfigSource } from './config-source.js';
import { ConfigurationError } from './configuration-error.js';

const NAME = 'ROOKERY_API_KEY';

/**
 * The credential that this process carries: who it is to the server that it talks to, and who the client of a server on
 * stdio is. From `ROOKERY_API_KEY`, or from the file that `ROOKERY_API_KEY_FILE` names.
 *
 * @throws ConfigurationError when the file can't be read or has nothing in it
 */
export function environmentCredential({ env, cwd }: ConfigSource): string | undefined {
  const value = env[NAME];
  if (value !== undefined && value !== '') return value;
  const path = env[`${NAME}_FILE`];
  if (path === undefined || path === '') return undefined;
  const file = readValueFile(resolve(cwd, path));
  if (!file.ok) throw new ConfigurationError([{ path: '', origin: `${NAME}_FILE`, message: file.reason }]);
  const text = file.text.trim();
  if (text !== '') return text;
  throw new ConfigurationError([{ path: '', origin: `${NAME}_FILE`, message: 'names a file with nothing in it' }]);
}
