import { z } from 'zod';
import { ToolError } from '../../../core/index.js';

/** The encodings that files are written in. */
export const writtenEncoding = z
  .enum(['utf-8', 'utf-16le', 'latin1', 'windows-1252', 'ascii'])
  .default('utf-8')
  .describe('How the text becomes bytes.');

/** See {@link writtenEncoding}. */
export type WrittenEncoding = z.output<typeof writtenEncoding>;

/** Windows-1252 has these between 0x80 and 0x9F; a space stands for what it leaves empty. */
const WINDOWS_1252 = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';

/**
 * The bytes of a text.
 *
 * @param bom - whether a byte order mark comes first, where the encoding has one
 * @throws ToolError naming a character that the encoding does not have: nothing is replaced by `?`
 */
export function encoded(text: string, encoding: WrittenEncoding, bom = false): Buffer {
  const lone = text.search(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/);
  if (lone !== -1) throw new ToolError(`The text can not be written: it holds half a character at position ${lone}.`);
  if (encoding === 'utf-8') return Buffer.from(bom ? `\uFEFF${text}` : text, 'utf8');
  if (encoding === 'utf-16le') return Buffer.from(bom ? `\uFEFF${text}` : text, 'utf16le');
  const mapped = encoding === 'windows-1252' ? text.replace(/[^\0-\u007f\u00a0-\u00ff]/gu, windows1252) : text;
  const limit = encoding === 'ascii' ? 0x7f : 0xff;
  for (let index = 0; index < mapped.length; index++) {
    if (mapped.charCodeAt(index) > limit) throw missing(text.codePointAt(index) ?? 0, encoding, index);
  }
  return Buffer.from(mapped, 'latin1');
}

function windows1252(character: string): string {
  const index = WINDOWS_1252.indexOf(character);
  // What it does not have stays beyond a byte, and is refused by name.
  return index === -1 || character === ' ' ? '\uFFFF'.repeat(character.length) : String.fromCharCode(0x80 + index);
}

function missing(code: number, encoding: string, index: number): ToolError {
  const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
  return new ToolError(`${encoding} has no ${name} (position ${index}). Write utf-8, or leave the character out.`);
}
