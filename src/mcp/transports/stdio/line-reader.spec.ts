import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineReader } from './line-reader.js';

const LIMIT = 64;

/** What a reader makes of chunks, in order; `null` for a line that was too long, `undefined` for one that is no UTF-8. */
function read(chunks: readonly Uint8Array[]): readonly (string | null | undefined)[] {
  const seen: (string | null | undefined)[] = [];
  const reader = new LineReader(LIMIT, {
    line: (text) => void seen.push(text),
    tooLong: () => void seen.push(null),
    notUtf8: () => void seen.push(undefined),
  });
  for (const chunk of chunks) reader.push(Buffer.from(chunk));
  return seen;
}

/** Cuts bytes at the given places. */
function cut(bytes: Buffer, places: readonly number[]): readonly Buffer[] {
  const sorted = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
  return sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end));
}

/** Made once, here: fast-check makes a table of all code points for it, which takes seconds on a busy machine. */
const line = fc.string({ unit: 'binary', maxLength: LIMIT }).map((text) => text.replaceAll('\n', ''));

describe('a line reader', () => {
  it('finds the same lines however the bytes are cut', () => {
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat()), (lines, places) => {
        const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
        const expected = lines
          .map((text) => (Buffer.byteLength(text) > LIMIT ? null : Buffer.from(text).toString().trim()))
          .filter((text) => text !== '');
        expect(read(cut(bytes, places))).toEqual(expected);
      }),
    );
  });

  it('keeps what has no end yet', () => {
    expect(read([Buffer.from('half')])).toEqual([]);
    expect(read([Buffer.from('half'), Buffer.from(' and half\nnext')])).toEqual(['half and half']);
  });

  it('refuses a line that is one byte too long, and reads the next', () => {
    const full = 'x'.repeat(LIMIT);
    expect(read([Buffer.from(`${full}\n${full}x\nnext\n`)])).toEqual([full, null, 'next']);
  });

  it('refuses bytes that are no UTF-8, and reads the next line', () => {
    expect(read([Buffer.from([0x61, 0xff, 0x0a, 0x62, 0x0a])])).toEqual([undefined, 'b']);
  });
});
