import type { IncomingMessage } from 'node:http';
import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

/** What a client may send, as `Accept-Encoding` of a refusal says it (RFC 9110 §12.5.3, RFC 7694). */
export const ACCEPTED_ENCODINGS = 'gzip, deflate, br';

/**
 * How many bytes deflate can make of one (zlib: 1032). Brotli can make millions; what exceeds this was made to exhaust.
 */
export const MAX_RATIO = 1_032;

/** Bodies up to this size may be compressed at any ratio: a list of equal numbers is. */
export const ANY_RATIO_BYTES = 1_048_576;

const DECODERS: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  // RFC 9110 §8.4.1.3: the same thing.
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** How a body is decoded: not at all, by a stream, or not by us. One encoding only; several are nobody's good faith. */
export function decoderOf({ headers }: IncomingMessage): 'none' | 'unknown' | (() => Transform) {
  const encoding = headers['content-encoding'];
  if (encoding === undefined || encoding === 'identity') return 'none';
  const name = encoding.trim().toLowerCase();
  if (name === '' || name === 'identity') return 'none';
  return Object.hasOwn(DECODERS, name) ? (DECODERS[name] ?? 'unknown') : 'unknown';
}
