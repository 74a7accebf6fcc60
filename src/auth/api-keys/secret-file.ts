import { readFileSync, statSync } from 'node:fs';

const LARGEST = 65_536;

/** What a file of a secret holds. */
export interface SecretFile {
  readonly secret: string;
  /** Whether others than its owner and group may read it. */
  readonly worldReadable: boolean;
}

/**
 * Reads a secret from a file; a newline at its end is not meant.
 *
 * @throws Error naming the path and what is wrong
 */
export function readSecretFile(path: string): SecretFile {
  const { text, mode } = read(path);
  const secret = text.replace(/(\r?\n)+$/, '');
  if (secret === '') throw new Error(`${path} is empty: it must hold the secret`);
  return { secret, worldReadable: process.platform !== 'win32' && (mode & 0o004) !== 0 };
}

function read(path: string): { readonly text: string; readonly mode: number } {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) throw new Error(`${path} does not exist`);
  if (!stat.isFile()) throw new Error(`${path} is not a regular file`);
  if (stat.size > LARGEST) throw new Error(`${path} is larger than 64 KiB`);
  try {
    return { text: readFileSync(path, 'utf8'), mode: stat.mode };
  } catch (error) {
    throw new Error(`${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown error'})`, {
      cause: error,
    });
  }
}
