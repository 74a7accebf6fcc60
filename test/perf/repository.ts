import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The nearest folder above this file that has a `package.json`: the same from the sources and from `dist-test`. */
export const repository = folderOf('package.json', import.meta.dirname);

function folderOf(file: string, from: string): string {
  if (existsSync(join(from, file))) return from;
  const above = dirname(from);
  if (above === from) throw new Error(`No folder above ${import.meta.dirname} has a ${file}.`);
  return folderOf(file, above);
}
