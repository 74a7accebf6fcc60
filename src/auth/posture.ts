import { configuredKeys, type ConfiguredKey } from './api-keys/configured-keys.js';
import type { AuthOptions } from './auth.options.js';
import { jwtSettings } from './jwt/jwt.options.js';

/** Something about the configured credentials that whoever starts the server should know. */
export interface AuthFinding {
  /**
   * `refuse` stops every start; `exposed` stops that of a server that others can reach or that runs in production;
   * `warn` is said.
   */
  readonly severity: 'refuse' | 'exposed' | 'warn';
  /** The key of the configuration; a secret in it is never there. */
  readonly path: string;
  /** What is wrong and what to do, in one sentence, with the path. */
  readonly message: string;
}

/** The shortest API key that is not weak, in characters. */
const SHORTEST_KEY = 16;
/** The shortest secret of HS256 (RFC 7518 §3.2), in bytes; HS384 and HS512 need more. */
const SHORTEST_SECRET: Readonly<Record<string, number>> = { HS256: 32, HS384: 48, HS512: 64 };

/** Secrets of guides, samples and habit: whoever attacks tries them first. */
const SAMPLES: ReadonlySet<string> = new Set([
  'your-secret-key',
  'your-256-bit-secret',
  'your-client-secret',
  'your_secret_key',
  'yoursecretkey',
  'your-api-key',
  'your_api_key',
  'admin-key',
  'user-key',
  'readonly-key',
  'api-key',
  'test-key',
  'demo-key',
  'dev-key',
  'changeme',
  'change-me',
  'change_me',
  'changeit',
  'replace-me',
  'secret',
  'secretkey',
  'secret-key',
  'supersecret',
  'super-secret',
  'super-secret-key',
  'mysecret',
  'my-secret',
  'my-secret-key',
  'jwt-secret',
  'jwtsecret',
  'password',
  'passw0rd',
  'admin',
  'test',
  'example',
  'default',
  'token',
  'a-string-secret-at-least-256-bits-long',
]);

/**
 * What is wrong with the credentials that a server is configured with: none at all, weak or sample secrets, one key for
 * two ids. Pure: whether the server is exposed is for the caller to know.
 *
 * @param keys - the API keys with their files read; by default files are not read
 */
export function authPosture(
  options: AuthOptions,
  keys: readonly ConfiguredKey[] = configuredKeys(options.apiKeys, () => ({ secret: '', worldReadable: false })),
): readonly AuthFinding[] {
  return [...absence(options), ...keys.flatMap(keyFindings), ...repeated(keys), ...jwtFindings(options)];
}

function absence({ apiKeys, storedKeys, jwt, oauth }: AuthOptions): readonly AuthFinding[] {
  if (oauth !== undefined && jwt === undefined) {
    return [
      finding(
        'exposed',
        'auth.oauth',
        'stands without auth.jwt: tokens of its authorization servers cannot be checked',
      ),
    ];
  }
  if (Object.keys(apiKeys).length > 0 || storedKeys || jwt !== undefined) return [];
  return [
    finding(
      'exposed',
      'auth',
      'has no credentials: anybody who reaches the server may call everything. Configure auth.apiKeys, auth.storedKeys or auth.jwt',
    ),
  ];
}

function keyFindings({ path, shortForm, secrets, exposedFiles }: ConfiguredKey): readonly AuthFinding[] {
  return [
    ...(shortForm
      ? [
          finding(
            'exposed',
            path,
            'is the short form, with the key as a name: give it an id, and the key as secretFile or hash',
          ),
        ]
      : []),
    ...secrets
      .filter((secret) => secret !== '')
      .flatMap((secret) => {
        if (isSample(secret))
          return [finding('exposed', path, 'is a sample that everybody knows: make one with `rookery keys create`')];
        if (secret.length >= SHORTEST_KEY) return [];
        return [
          finding(
            'exposed',
            path,
            `has a key shorter than ${SHORTEST_KEY} characters: make one with \`rookery keys create\``,
          ),
        ];
      }),
    ...exposedFiles.map((file) =>
      finding('warn', path, `has its key in ${file}, which everybody on the machine can read: chmod 600 it`),
    ),
  ];
}

/** Two ids with one key: who is calling would be a matter of chance. */
function repeated(keys: readonly ConfiguredKey[]): readonly AuthFinding[] {
  const owners = new Map<string, ConfiguredKey>();
  return keys.flatMap((key) => {
    const { digest, previous } = key.record;
    return [digest, ...(previous === undefined ? [] : [previous.digest])].flatMap((used) => {
      if (used === EMPTY_DIGEST) return [];
      const other = owners.get(used);
      owners.set(used, key);
      if (other === undefined) return [];
      if (other === key) return [finding('refuse', key.path, 'has the same key as now and as previous: take one out')];
      return [finding('refuse', key.path, `has the same key as ${other.path}: give each its own`)];
    });
  });
}

/** Of a key whose file was not read. */
const EMPTY_DIGEST = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

function jwtFindings({ jwt }: AuthOptions): readonly AuthFinding[] {
  if (jwt === undefined) return [];
  const { key, algorithms } = jwtSettings(jwt);
  if (key.kind !== 'secret') return [];
  if (isSample(key.secret)) {
    return [finding('exposed', 'auth.jwt.secret', 'is a sample that everybody knows: take 32 random bytes')];
  }
  const needed = Math.max(
    ...(algorithms.length > 0 ? algorithms : ['HS256']).map((name) => SHORTEST_SECRET[name] ?? 0),
  );
  if (Buffer.byteLength(key.secret) >= needed) return [];
  return [
    finding('exposed', 'auth.jwt.secret', `is shorter than the ${needed} bytes that its signature needs (RFC 7518)`),
  ];
}

function isSample(secret: string): boolean {
  const plain = secret.trim().toLowerCase();
  return SAMPLES.has(plain) || /^(.)\1*$/.test(plain);
}

function finding(severity: AuthFinding['severity'], path: string, what: string): AuthFinding {
  return { severity, path, message: `${path} ${what}.` };
}
