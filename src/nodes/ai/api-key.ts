import { readFileSync } from 'node:fs';

const LONGEST = 65_536;
const SENDABLE = /^[\x21-\x7e]+$/;

/**
 * The key of a provider, from its entry or its file; a newline at the end of the file is not meant.
 *
 * @param path - where the entry stands, for messages: `nodes.ai.providers.openai`
 * @throws Error naming the key and the file, and what is wrong
 */
export function apiKeyOf(
  entry: { readonly apiKey?: string | undefined; readonly apiKeyFile?: string | undefined },
  path: string,
): string | undefined {
  const { apiKey, apiKeyFile: file } = entry;
  if (file === undefined) return apiKey;
  const wrong = (what: string, cause?: unknown): Error =>
    new Error(`${path}.apiKeyFile: ${file} ${what}`, cause === undefined ? undefined : { cause });
  let key: string;
  try {
    key = readFileSync(file, 'utf8').replace(/(\r?\n)+$/, '');
  } catch (cause) {
    throw wrong(`cannot be read (${(cause as NodeJS.ErrnoException).code ?? 'unknown error'})`, cause);
  }
  if (key === '') throw wrong('is empty: it must hold the key');
  if (key.length > LONGEST || !SENDABLE.test(key)) {
    throw wrong('holds no key: it must be visible ASCII without spaces, at most 64 KiB');
  }
  return key;
}
