import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { findOrInstall } from './install.js';

const DEBIAN_POSTGRES = '/usr/lib/postgresql';

/** The folder with `initdb` and `postgres`: the newest of Debian's versions, or the one on the `PATH`. */
export async function postgresFolder(): Promise<string> {
  return await findOrInstall('postgresql', () => {
    const versions = existsSync(DEBIAN_POSTGRES) ? readdirSync(DEBIAN_POSTGRES) : [];
    const debian = versions
      .toSorted((a, b) => Number(b) - Number(a))
      .map((version) => join(DEBIAN_POSTGRES, version, 'bin'));
    return [...debian, ...pathFolders()].find((folder) =>
      ['initdb', 'postgres'].every((name) => existsSync(join(folder, name))),
    );
  });
}

/** The program `redis-server`. */
export async function redisServer(): Promise<string> {
  return await findOrInstall('redis-server', () =>
    pathFolders()
      .map((folder) => join(folder, 'redis-server'))
      .find((path) => existsSync(path)),
  );
}

function pathFolders(): readonly string[] {
  return (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
}
