import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const MB = 1_000_000;

/** Bytes in use after two collections: what the first finalises, the second can free. */
export async function memoryLevel(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (let collection = 1; collection <= 2; collection++) {
    await turn();
    collect();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** What memory may have grown to since an earlier level: by a tenth and 5 MB. */
export function allowedLevel(earlier: number): number {
  return earlier * 1.1 + 5 * MB;
}
