import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import type { Readable, Transform } from 'node:stream';
import { ANY_RATIO_BYTES, MAX_RATIO } from './content-encoding.js';

/** Why a body was not read. */
export type BodyRefusal = 'too-large' | 'bomb' | 'not-decodable' | 'not-utf8' | 'aborted';

/** A body that was read, or why it was not. */
export type Body = { readonly text: string } | { readonly refused: BodyRefusal };

/** Reads a body up to a limit. */
export function readBody(request: IncomingMessage, maxBytes: number, done: (body: Body) => void): void {
  const settle = once(done);
  collect(request, (bytes) => (bytes > maxBytes ? 'too-large' : undefined), settle);
  request.on('error', () => settle({ refused: 'aborted' }));
  request.on('close', () => settle({ refused: 'aborted' }));
}

/**
 * Reads a compressed body up to a limit of what it becomes. It is decompressed in pieces of 16 KiB, off the event loop,
 * and no further than the limit: what a body could become costs nothing.
 */
export function readEncodedBody(
  request: IncomingMessage,
  decoder: Transform,
  maxBytes: number,
  done: (body: Body) => void,
): void {
  let received = 0;
  const refusal = (bytes: number): BodyRefusal | undefined => {
    if (bytes > maxBytes) return 'too-large';
    return bytes > ANY_RATIO_BYTES && bytes > received * MAX_RATIO ? 'bomb' : undefined;
  };
  const settle = once((body) => {
    if ('refused' in body) {
      request.unpipe(decoder);
      decoder.destroy();
    }
    done(body);
  });
  request.on('data', (chunk: Buffer) => {
    received += chunk.length;
    if (received > maxBytes) settle({ refused: 'too-large' });
  });
  collect(decoder, refusal, settle);
  decoder.on('error', () => settle({ refused: 'not-decodable' }));
  request.on('error', () => settle({ refused: 'aborted' }));
  request.on('close', () => {
    if (!request.complete) settle({ refused: 'aborted' });
  });
  request.pipe(decoder);
}

/** What comes behind the first word counts for nothing. */
function once(done: (body: Body) => void): (body: Body) => void {
  let settled = false;
  return (body) => {
    if (settled) return;
    settled = true;
    done(body);
  };
}

function collect(
  source: Readable,
  refusal: (bytes: number) => BodyRefusal | undefined,
  done: (body: Body) => void,
): void {
  let first: Buffer | undefined;
  let rest: Buffer[] | undefined;
  let bytes = 0;
  let refused = false;
  source.on('data', (chunk: Buffer) => {
    if (refused) return;
    bytes += chunk.length;
    const problem = refusal(bytes);
    if (problem !== undefined) {
      refused = true;
      first = rest = undefined;
      done({ refused: problem });
    } else if (first === undefined) first = chunk;
    else (rest ??= [first]).push(chunk);
  });
  source.on('end', () => {
    if (!refused) done(decoded(rest === undefined ? first : Buffer.concat(rest)));
  });
}

/** Bytes that are no UTF-8 are refused: decoding would replace them without a word. */
function decoded(bytes: Buffer | undefined): Body {
  if (bytes === undefined) return { text: '' };
  return isUtf8(bytes) ? { text: bytes.toString('utf8') } : { refused: 'not-utf8' };
}
