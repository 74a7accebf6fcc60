import { ToolError, closest, type ReadableFile } from '../../../core/index.js';

const CHUNK = 262_144;

/** Encodings that are named in messages; every other label of the Encoding Standard is taken as well. */
const USUAL = [
  'utf-8',
  'utf-16le',
  'utf-16be',
  'latin1',
  'ascii',
  'windows-1252',
  'iso-8859-15',
  'shift_jis',
  'gb18030',
];

/** Windows-1252 where it differs from Latin-1: 0x80–0x9F. What the code page leaves empty stays a control character. */
const WINDOWS_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** Turns bytes into text, piece by piece. */
export interface TextDecoding {
  /** @throws TypeError for bytes that the encoding does not have */
  decode(bytes: Uint8Array, last: boolean): string;
}

/**
 * The decoding of a name as Python and the web write it (`utf-8`, `UTF_16LE`, `latin1`, `cp1252`). A byte order mark of
 * UTF-8 and UTF-16 is left out; bytes that the encoding does not have are refused, never replaced.
 *
 * `latin1` is ISO-8859-1 as in Python, where the web's means Windows-1252. Windows-1252 is decoded here: Node 20's own
 * decoder takes it for Latin-1.
 *
 * @throws ToolError for an unknown name, with a near one
 */
export function textDecoding(encoding: string): TextDecoding {
  const label = encoding
    .toLowerCase()
    .replaceAll('_', '-')
    .replace(/^cp(125\d)$/, 'windows-$1');
  switch (label) {
    case 'latin1':
    case 'latin-1':
    case 'iso-8859-1':
    case 'iso8859-1':
      return { decode: (bytes) => latin1(bytes) };
    case 'ascii':
    case 'us-ascii':
      return { decode: ascii };
    case 'windows-1252':
      return { decode: (bytes) => latin1(bytes).replace(/[\u0080-\u009f]/g, windows1252) };
    case 'utf-8-sig':
      return standard('utf-8');
    default:
      return standard(label, encoding);
  }
}

function standard(label: string, written = label): TextDecoding {
  for (const name of [label, label.replaceAll('-', '_')]) {
    try {
      const decoder = new TextDecoder(name, { fatal: true });
      return { decode: (bytes, last) => decoder.decode(bytes, { stream: !last }) };
    } catch {
      // The standard writes some names with _ (shift_jis).
    }
  }
  const near = closest(written, USUAL);
  const hint = near === undefined ? `Usual ones are: ${USUAL.join(', ')}.` : `Did you mean "${near}"?`;
  throw new ToolError(`There is no encoding "${written.slice(0, 40)}". ${hint}`);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function ascii(bytes: Uint8Array): string {
  if (bytes.some((byte) => byte > 0x7f)) throw new TypeError('not ASCII');
  return latin1(bytes);
}

function windows1252(character: string): string {
  return WINDOWS_1252[character.charCodeAt(0) - 0x80] as string;
}

/**
 * The text of a file, piece by piece: its memory is that of one piece.
 *
 * @throws ToolError naming the place of bytes that are not of the encoding; the reason of the signal
 */
export async function* decodedText(file: ReadableFile, encoding: string, signal: AbortSignal): AsyncGenerator<string> {
  const decoding = textDecoding(encoding);
  let position = 0;
  for (;;) {
    signal.throwIfAborted();
    const chunk = Buffer.allocUnsafe(CHUNK);
    const { bytesRead } = await file.handle.read(chunk, 0, CHUNK);
    const bytes = chunk.subarray(0, bytesRead);
    let text: string;
    try {
      text = decoding.decode(bytes, bytesRead === 0);
    } catch (cause) {
      throw undecodable(file.name, encoding, position, position === 0 ? bytes : undefined, cause);
    }
    if (text !== '') yield text;
    if (bytesRead === 0) return;
    position += bytesRead;
  }
}

function undecodable(
  name: string,
  encoding: string,
  position: number,
  first: Uint8Array | undefined,
  cause: unknown,
): ToolError {
  const mark = first === undefined ? '' : `${first[0]},${first[1]}`;
  const utf16 = mark === '255,254' ? 'utf-16le' : mark === '254,255' ? 'utf-16be' : undefined;
  const advice = utf16 === undefined ? 'name the encoding that it was written in' : `it looks like ${utf16}`;
  return new ToolError(`${name} is not ${encoding}: bytes after ${position} are not of it; ${advice}.`, undefined, {
    cause,
  });
}
