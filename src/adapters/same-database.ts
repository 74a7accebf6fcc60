import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathOf } from './libsql/libsql-path.js';

/**
 * Whether two URLs of `store` name one database: one file, whatever path or link leads to it; or one host, port and
 * database of PostgreSQL, whoever logs in. One host under two names is not noticed. What is in memory is never shared.
 */
export function isSameDatabase(one: string, other: string): boolean {
  const [a, b] = [targetOf(one), targetOf(other)];
  return a !== undefined && a === b;
}

function targetOf(url: string): string | undefined {
  if (/^postgres(ql)?:/.test(url)) return postgresTarget(url);
  const path = pathOf(url);
  return path === ':memory:' ? undefined : `file ${fileTarget(path)}`;
}

/** A file by what it is, so that hard links are one; one that is not there yet by where it will be. */
function fileTarget(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  return found === undefined ? realPlace(path) : `${found.dev}:${found.ino}`;
}

function realPlace(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const folder = dirname(path);
    return folder === path ? path : join(realPlace(folder), basename(path));
  }
}

/** As the driver reads a URL: host and port of the query go first, the database is named after the user by default. */
function postgresTarget(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { hostname, port, pathname, username, searchParams } = new URL(url);
  const host = plainHost(searchParams.get('host') ?? decoded(hostname));
  const user = searchParams.get('user') ?? decoded(username);
  const database = decoded(pathname.slice(1)) || user;
  return JSON.stringify(['postgres', host, searchParams.get('port') || port || '5432', database]);
}

const HERE: ReadonlySet<string> = new Set(['', 'localhost', '127.0.0.1', '::1']);

function plainHost(given: string): string {
  const host = given
    .toLowerCase()
    .replace(/^\[(.+)\]$/, '$1')
    .replace(/\.$/, '');
  return HERE.has(host) || host.startsWith('/') ? 'localhost' : host;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
