import { randomBytes } from 'node:crypto';
import { access, constants, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** What has this path, or is the closest above it that is there: it may be something else than a folder. */
export async function nearestThere(path: string): Promise<string> {
  const folder = resolve(path);
  const status = await stat(folder).catch(() => undefined);
  if (status !== undefined || dirname(folder) === folder) return folder;
  return await nearestThere(dirname(folder));
}

/** Writes an empty file into a folder and removes it. @throws the system's error */
export async function probeWritable(folder: string): Promise<void> {
  const path = join(folder, `.rookery-doctor-${randomBytes(6).toString('hex')}`);
  await writeFile(path, '', { flag: 'wx', mode: 0o600 });
  await rm(path);
}

/** Whether this user may make files in a folder, as far as rights say; never in what is no folder. */
export async function mayWriteInto(path: string): Promise<boolean> {
  try {
    await access(path, constants.W_OK | constants.X_OK);
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}

/** Bytes that are free for this user where a folder is. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
