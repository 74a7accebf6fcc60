import { readFileSync } from 'node:fs';
import { UsageError } from './exit-code.js';

/** The text of a file that the command line names. @throws UsageError naming the file and why it cannot be read */
export function readGivenFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new UsageError(`the file ${path} cannot be read (${code})`, { cause });
  }
}
