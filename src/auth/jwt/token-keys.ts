import { createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import type { JwtAlgorithm, JwtSettings } from './jwt.options.js';

/** What signatures are checked with. Key objects are made once: from a text, each check would make one again. */
export type VerificationKey =
  | { readonly kind: 'static'; readonly key: KeyObject; readonly algorithms: readonly JwtAlgorithm[] }
  | {
      readonly kind: 'jwks';
      readonly url: URL;
      readonly cacheMs: number;
      readonly cooldownMs: number;
      readonly algorithms: readonly JwtAlgorithm[];
    };

/** What tokens are signed with here. */
export interface SigningKey {
  readonly key: KeyObject;
  readonly algorithm: JwtAlgorithm;
}

/** Asymmetric algorithms that are accepted of published keys when none are named. */
const PUBLISHED: readonly JwtAlgorithm[] = ['RS256', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA'];

const CURVES: Readonly<Record<string, JwtAlgorithm>> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' };

const SMALLEST_RSA = 2048;

/** @throws Error when a key cannot be read, or is not one for the algorithms that are named */
export function verificationKey({ key, algorithms }: JwtSettings): VerificationKey {
  if (key.kind === 'jwks') {
    const { url, cacheMs, cooldownMs } = key;
    return { kind: 'jwks', url: new URL(url), cacheMs, cooldownMs, algorithms: orElse(algorithms, PUBLISHED) };
  }
  if (key.kind === 'secret') {
    const secret = createSecretKey(Buffer.from(key.secret, 'utf8'));
    return { kind: 'static', key: secret, algorithms: orElse(algorithms, ['HS256']) };
  }
  const publicKey = readKey('publicKey', () => createPublicKey(key.pem));
  const possible = algorithmsFor(publicKey, 'publicKey');
  const wrong = algorithms.filter((algorithm) => !possible.includes(algorithm));
  if (wrong.length > 0) {
    throw new Error(`auth.jwt.publicKey is a key for ${possible.join(', ')}, not for ${wrong.join(', ')}.`);
  }
  return { kind: 'static', key: publicKey, algorithms: orElse(algorithms, possible.slice(0, 1)) };
}

/** @throws Error when nothing to sign with is configured, or the key cannot be read */
export function signingKey({ key, privateKey, algorithms }: JwtSettings): SigningKey {
  if (key.kind === 'secret') {
    return { key: createSecretKey(Buffer.from(key.secret, 'utf8')), algorithm: algorithms[0] ?? 'HS256' };
  }
  if (privateKey === undefined) {
    throw new Error('There is nothing to sign with: configure auth.jwt.privateKey, or auth.jwt.secret.');
  }
  const signing = readKey('privateKey', () => createPrivateKey(privateKey));
  const possible = algorithmsFor(signing, 'privateKey');
  const algorithm = algorithms.find((name) => possible.includes(name)) ?? possible[0];
  if (algorithm === undefined) throw new Error('auth.jwt.privateKey is not a key that signs tokens.');
  return { key: signing, algorithm };
}

function readKey(name: string, read: () => KeyObject): KeyObject {
  try {
    return read();
  } catch (error) {
    throw new Error(`auth.jwt.${name} cannot be read: it must be a key in PEM.`, { cause: error });
  }
}

/** What a key can be used for, what is usual first. */
function algorithmsFor(key: KeyObject, name: string): readonly JwtAlgorithm[] {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key;
  if (type === 'rsa' || type === 'rsa-pss') {
    if ((details?.modulusLength ?? 0) < SMALLEST_RSA) {
      throw new Error(`auth.jwt.${name} is an RSA key of less than ${SMALLEST_RSA} bits.`);
    }
    return type === 'rsa' ? ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] : ['PS256', 'PS384', 'PS512'];
  }
  if (type === 'ed25519') return ['EdDSA'];
  const curve = type === 'ec' ? CURVES[details?.namedCurve ?? ''] : undefined;
  if (curve !== undefined) return [curve];
  throw new Error(`auth.jwt.${name} is neither RSA, nor EC on P-256, P-384 or P-521, nor Ed25519.`);
}

function orElse<T>(given: readonly T[], fallback: readonly T[]): readonly T[] {
  return given.length > 0 ? given : fallback;
}
