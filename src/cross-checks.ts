import { authPosture, configuredKeys, type AuthOptions, type ConfiguredKey } from './auth/index.js';
import { isSameDatabase } from './adapters/index.js';
import type { CrossCheck } from './config/index.js';
import { isLoopback } from './core/index.js';
import type { sections } from './app.module.js';

type Check = CrossCheck<typeof sections>;
type Faults = ReturnType<Check['faultsOf']>;

/**
 * A server that others can reach, or that runs in production, needs callers who say who they are, with credentials that
 * nobody can guess.
 */
const exposure: Check = {
  needs: ['server', 'auth'],
  faultsOf({ server, auth }, { production }) {
    if (isLoopback(server.host) && !production) return [];
    const keys = keysOf(auth);
    // Files that cannot be read stop the start with their names, when the keys are taken from them.
    if (keys === undefined) return [];
    const why = production ? 'NODE_ENV is production' : `server.host is ${server.host}, which others can reach`;
    return authPosture(auth, keys)
      .filter(({ severity }) => severity !== 'warn')
      .map(({ path, message }) => {
        // Names of keys are masked in paths, as they may be keys themselves; the message has those that are not.
        if (path.startsWith('auth.apiKeys.')) {
          return { path: ['auth', 'apiKeys'], message: `${message} (${why}.)` };
        }
        return { path: path.split('.'), message: `${message.slice(path.length + 1)} (${why}.)` };
      });
  },
};

function keysOf({ apiKeys }: AuthOptions): readonly ConfiguredKey[] | undefined {
  try {
    return configuredKeys(apiKeys);
  } catch {
    return undefined;
  }
}

/** Roles that credentials carry must be roles that mean something. */
const roles: Check = {
  needs: ['auth', 'permissions'],
  faultsOf({ auth, permissions }) {
    const known = Object.keys(permissions.roles);
    const unknown = (given: readonly string[], path: readonly string[]): Faults =>
      given
        .filter((role) => !known.includes(role))
        .map((role) => ({
          path,
          message: `names the role "${role}", which is not in permissions.roles (${known.join(', ') || 'none there'})`,
        }));
    return [
      ...unknown(auth.anonymous.roles, ['auth', 'anonymous', 'roles']),
      ...Object.entries(auth.apiKeys).flatMap(([id, key]) => unknown(key.roles, ['auth', 'apiKeys', id, 'roles'])),
      ...Object.entries(auth.jwt?.groups ?? {}).flatMap(([group, mapped]) =>
        unknown(mapped, ['auth', 'jwt', 'groups', group]),
      ),
    ];
  },
};

/** `cache.redisUrl` is another name of `redis.url`: by whichever it is given, it is the Redis of the whole server. */
const oneRedis: Check = {
  needs: ['cache', 'redis'],
  faultsOf({ cache: { backend, redisUrl }, redis: { url } }) {
    if (redisUrl !== undefined && url !== undefined && redisUrl !== url) {
      const another = (than: string): string =>
        `names another Redis than ${than}, which means the same; keep one of them`;
      return [
        { path: ['cache', 'redisUrl'], message: another('redis.url') },
        { path: ['redis', 'url'], message: another('cache.redisUrl') },
      ];
    }
    if (backend !== 'redis' || redisUrl !== undefined || url !== undefined) return [];
    return [
      { path: ['cache', 'backend'], message: 'is "redis", and no Redis is named: set redis.url (or cache.redisUrl)' },
    ];
  },
  settled: ({ cache: { redisUrl }, redis }) => (redisUrl === undefined ? {} : { redis: { ...redis, url: redisUrl } }),
};

/** Whoever may run a statement in the server's own database reads its keys, tokens and anchors. */
const ownDatabase: Check = {
  needs: ['store', 'nodes'],
  faultsOf({ store, nodes }) {
    const isOwn = (name: string): boolean => {
      const url = Object.hasOwn(store.connections, name) ? store.connections[name] : undefined;
      return url !== undefined && isSameDatabase(url, store.url);
    };
    return Object.keys(nodes.data.sql.connections)
      .filter(isOwn)
      .map((name) => ({
        path: ['nodes', 'data', 'sql', 'connections', name],
        message:
          'is the database of store.url, where the keys and tokens of this server are; give nodes a database and a role of its own',
      }));
  },
};

/** What must hold between sections of the application's configuration. */
export const crossChecks: readonly Check[] = [exposure, roles, oneRedis, ownDatabase];
