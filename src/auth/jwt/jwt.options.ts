import { z } from 'zod';
import { isLoopback } from '../../core/index.js';

/** Signatures that are accepted; `none` is not among them, nor anything that is not a signature. */
export const JWT_ALGORITHMS = [
  'HS256',
  'HS384',
  'HS512',
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;

/** The name of a signature (RFC 7518, RFC 8037). */
export type JwtAlgorithm = (typeof JWT_ALGORITHMS)[number];

const oneOrMore = <T extends z.ZodType>(item: T) => z.union([item, z.array(item).min(1)]);
const text = z.string().min(1);
const secret = text.meta({ secret: true });
const paths = oneOrMore(text);
const algorithm = z.enum(JWT_ALGORITHMS);

const jwksUrl = z.url().refine((url) => {
  const { protocol, hostname } = new URL(url);
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname));
}, 'must be an https URL (http on loopback only): who answers for the keys decides who may come in');

/** Pairs of a key and the name that the guide has for it. */
const TWINS = [
  ['secret', 'secretKey'],
  ['algorithms', 'algorithm'],
] as const;

/** The section `auth.jwt`. */
export const jwtOptions = z
  .strictObject({
    secret: secret.optional().describe('The secret of HS256 and its kin; 32 bytes or more.'),
    secretKey: secret.optional().describe('The guide’s name of `secret`.'),
    publicKey: text.optional().describe('The public key or certificate of the issuer, PEM.'),
    jwksUrl: jwksUrl.optional().describe('Where the issuer publishes its keys (RFC 7517).'),
    jwksCacheSeconds: z.number().min(1).max(86_400).default(600).describe('Seconds for which published keys are kept.'),
    jwksCooldownSeconds: z
      .number()
      .min(0)
      .max(3600)
      .default(30)
      .describe('Seconds before an unknown key makes the server look for new ones again.'),
    privateKey: secret.optional().describe('What `rookery token issue` signs with beside `publicKey`, PEM (PKCS #8).'),
    algorithms: z
      .array(algorithm)
      .min(1)
      .optional()
      .describe('The signatures that are accepted. By default HS256 for a secret, else what the key is for.'),
    algorithm: algorithm.optional().describe('The guide’s name of `algorithms`, for one.'),
    issuer: oneOrMore(text).describe('Who issues the tokens: the `iss` that they must have.'),
    audience: oneOrMore(text)
      .optional()
      .describe(
        'Whom the tokens are for: the `aud` that they must have. With `auth.oauth`, this server’s URL by default.',
      ),
    validateIssuer: z.literal(true).default(true).describe('The issuer is always checked.'),
    validateAudience: z.literal(true).default(true).describe('The audience is always checked.'),
    clockToleranceSeconds: z.number().min(0).max(300).default(60).describe('Seconds by which clocks may differ.'),
    tokenExpiryHours: z
      .number()
      .positive()
      .max(8784)
      .default(24)
      .describe(
        'Hours since its issue for which a token is accepted, whatever it says; the life of those issued here.',
      ),
    userIdClaim: paths.optional().describe('The guide’s name of `claims.id`.'),
    permissionsClaim: paths.optional().describe('The guide’s name of `claims.permissions`.'),
    rolesClaim: paths.optional().describe('The guide’s name of `claims.roles`.'),
    claims: z
      .strictObject({
        id: paths.optional().describe('The claim with the id; the first that is there. Default: sub.'),
        permissions: paths.optional().describe('Claims with permissions, together. Default: permissions.'),
        roles: paths.optional().describe('Claims with roles, together. Default: roles.'),
        groups: paths.optional().describe('Claims with groups, which `groups` maps to roles. Default: groups.'),
        scopes: paths.optional().describe('The claim with scopes; the first that is there. Default: scope, scp.'),
        tenant: paths.optional().describe('The claim with the tenant; the first that is there. None by default.'),
      })
      .prefault({})
      .describe('Where a token says what: names of claims or dotted paths into them (`realm_access.roles`).'),
    groups: z
      .record(text, z.array(text))
      .default({})
      .describe('The roles that members of a group have. Groups that are not here count for nothing.'),
  })
  .superRefine((options, context) => {
    const fault = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    for (const [key, twin] of TWINS) {
      if (options[key] !== undefined && options[twin] !== undefined)
        fault(twin, `stands beside ${key}: keep one of them`);
    }
    for (const [twin, key] of CLAIM_TWINS) {
      if (options[twin] !== undefined && options.claims[key] !== undefined) {
        fault(twin, `stands beside claims.${key}: keep one of them`);
      }
    }
    const keys = (['secret', 'secretKey', 'publicKey', 'jwksUrl'] as const).filter((key) => options[key] !== undefined);
    const symmetric = options.secret !== undefined || options.secretKey !== undefined;
    if (keys.length === 0) fault('secret', 'one of secret, publicKey and jwksUrl is needed to check a signature');
    if (new Set(keys.map((key) => (key === 'secretKey' ? 'secret' : key))).size > 1) {
      fault(keys[1] as string, `stands beside ${keys[0]}: keep one of them, so that none stands in for another`);
    }
    const wrong = algorithmsOf(options).filter((name) => name.startsWith('HS') !== symmetric);
    if (keys.length > 0 && wrong.length > 0) {
      const need = symmetric ? 'a public key' : 'a secret';
      fault('algorithms', `${wrong.join(', ')} ${wrong.length > 1 ? 'need' : 'needs'} ${need}, not ${keys[0]}`);
    }
    if (options.privateKey !== undefined && symmetric) fault('privateKey', 'has no use beside a secret');
  });

const CLAIM_TWINS = [
  ['userIdClaim', 'id'],
  ['permissionsClaim', 'permissions'],
  ['rolesClaim', 'roles'],
] as const;

/** The section `auth.jwt`, as it was parsed. */
export type JwtOptions = z.output<typeof jwtOptions>;

/** Where a token says what. */
export interface ClaimPaths {
  readonly id: readonly string[];
  readonly permissions: readonly string[];
  readonly roles: readonly string[];
  readonly groups: readonly string[];
  readonly scopes: readonly string[];
  readonly tenant: readonly string[];
}

/** The section `auth.jwt` in one vocabulary, the guide's names resolved. */
export interface JwtSettings {
  readonly key:
    | { readonly kind: 'secret'; readonly secret: string }
    | { readonly kind: 'public'; readonly pem: string }
    | {
        readonly kind: 'jwks';
        readonly url: string;
        readonly cacheMs: number;
        readonly cooldownMs: number;
      };
  readonly privateKey: string | undefined;
  /** Empty: what the key is for. */
  readonly algorithms: readonly JwtAlgorithm[];
  readonly issuers: readonly string[];
  /** Empty: this server's URL. */
  readonly audiences: readonly string[];
  readonly toleranceMs: number;
  readonly maxAgeMs: number;
  readonly claims: ClaimPaths;
  readonly groups: Readonly<Record<string, readonly string[]>>;
}

/** Brings parsed options into one vocabulary. */
export function jwtSettings(options: JwtOptions): JwtSettings {
  const { claims } = options;
  return {
    key: keyOf(options),
    privateKey: options.privateKey,
    algorithms: algorithmsOf(options),
    issuers: list(options.issuer),
    audiences: list(options.audience),
    toleranceMs: options.clockToleranceSeconds * 1000,
    maxAgeMs: options.tokenExpiryHours * 3_600_000,
    claims: {
      id: list(claims.id ?? options.userIdClaim ?? 'sub'),
      permissions: list(claims.permissions ?? options.permissionsClaim ?? 'permissions'),
      roles: list(claims.roles ?? options.rolesClaim ?? 'roles'),
      groups: list(claims.groups ?? 'groups'),
      scopes: list(claims.scopes ?? ['scope', 'scp']),
      tenant: list(claims.tenant),
    },
    groups: options.groups,
  };
}

function keyOf({ secret: first, secretKey, publicKey, jwksUrl: url, ...rest }: JwtOptions): JwtSettings['key'] {
  const shared = first ?? secretKey;
  if (shared !== undefined) return { kind: 'secret', secret: shared };
  if (publicKey !== undefined) return { kind: 'public', pem: publicKey };
  return {
    kind: 'jwks',
    url: url ?? '',
    cacheMs: rest.jwksCacheSeconds * 1000,
    cooldownMs: rest.jwksCooldownSeconds * 1000,
  };
}

function algorithmsOf(options: {
  readonly algorithms?: readonly JwtAlgorithm[] | undefined;
  readonly algorithm?: JwtAlgorithm | undefined;
}): readonly JwtAlgorithm[] {
  return options.algorithms ?? list(options.algorithm);
}

function list<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}
