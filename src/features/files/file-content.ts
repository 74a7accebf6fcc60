import { ToolError } from '../../index.js';
import type { FileInput } from './files.schema.js';

type Encoding = FileInput['encoding'];

/** The bytes that a text stands for. @throws ToolError when it is no base64 */
export function decode(content: string, encoding: Encoding): Buffer {
  if (encoding === 'utf-8') return Buffer.from(content, 'utf8');
  // Buffer.from() passes over what is no base64, and would write something else than was meant.
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(content) || content.length % 4 !== 0) {
    throw new ToolError('The content is no base64: expected A–Z a–z 0–9 + / in groups of four, filled up by "=".');
  }
  return Buffer.from(content, 'base64');
}

/** Bytes as a text. @throws ToolError when they are no UTF-8 and were to be */
export function encode(bytes: Buffer, encoding: Encoding): string {
  if (encoding === 'base64') return bytes.toString('base64');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new ToolError('This file is no UTF-8 text; read it with the encoding base64.', undefined, { cause });
  }
}
