import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** What this installation is. */
export interface PackageInfo {
  readonly name: string;
  readonly version: string;
  /** Absolute path of the folder with `package.json`, `dist` and the package's own `config`. */
  readonly directory: string;
}

const PACKAGE = z.object({ name: z.string(), version: z.string() });

/** Reads the package that this file is part of, from the sources as well as from `dist`. */
export function packageInfo(): PackageInfo {
  let directory = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(directory, 'package.json'))) {
    const parent = dirname(directory);
    if (parent === directory) throw new Error('package.json of rookery was not found; reinstall the package');
    directory = parent;
  }
  const { name, version } = PACKAGE.parse(JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')));
  return { name, version, directory };
}
