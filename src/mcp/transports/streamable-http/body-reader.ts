import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';

/** A body that was read, or why it was not. */
export type Body = { readonly text: string } | { readonly refused: 'too-large' | 'not-utf8' | 'aborted' };

/** Reads a body up to a limit. */
export function readBody(request: IncomingMessage, maxBytes: number, done: (body: Body) => void): void {
  let first: Buffer | undefined;
  let rest: Buffer[] | undefined;
  let bytes = 0;
  let settled = false;
  const settle = (body: Body): void => {
    if (settled) return;
    settled = true;
    done(body);
  };
  request.on('data', (chunk: Buffer) => {
    if (settled) return;
    bytes += chunk.length;
    if (bytes > maxBytes) {
      first = rest = undefined;
      settle({ refused: 'too-large' });
    } else if (first === undefined) first = chunk;
    else (rest ??= [first]).push(chunk);
  });
  request.on('end', () => settle(decoded(rest === undefined ? first : Buffer.concat(rest))));
  request.on('error', () => settle({ refused: 'aborted' }));
  request.on('close', () => settle({ refused: 'aborted' }));
}

/** Bytes that are no UTF-8 are refused: decoding would replace them without a word. */
function decoded(bytes: Buffer | undefined): Body {
  if (bytes === undefined) return { text: '' };
  return isUtf8(bytes) ? { text: bytes.toString('utf8') } : { refused: 'not-utf8' };
}
