import type { IncomingMessage } from 'node:http';

/** A body that was read, or why it was not. */
export type Body = { readonly text: string } | { readonly refused: 'too-large' | 'aborted' };

/** Reads a body up to a limit. One that announces itself as longer is refused before anything of it is read. */
export function readBody(request: IncomingMessage, maxBytes: number, done: (body: Body) => void): void {
  const announced = request.headers['content-length'];
  if (announced !== undefined && Number(announced) > maxBytes) {
    done({ refused: 'too-large' });
    return;
  }
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
  request.on('end', () => settle({ text: (rest === undefined ? first : Buffer.concat(rest))?.toString('utf8') ?? '' }));
  request.on('error', () => settle({ refused: 'aborted' }));
  request.on('close', () => settle({ refused: 'aborted' }));
}
