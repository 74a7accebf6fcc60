import { ToolError } from '../../core/index.js';

/** How a body is read. */
export type BodyType = 'auto' | 'json' | 'text' | 'base64';

/** A body, and what it says it is. */
export interface RawBody {
  readonly bytes: Buffer;
  readonly text: string;
  readonly type: string;
}

/** @throws ToolError when JSON was asked for, and this is none */
export function readBody({ bytes, text, type }: RawBody, as: BodyType): unknown {
  const said = type.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const isJson = /^application\/(?:[\w.+-]+\+)?json$/.test(said);
  if (as === 'base64') return bytes.toString('base64');
  if (as === 'text') return text;
  if (as === 'json' || (isJson && bytes.length > 0)) return parsed(text);
  const isText = said === '' || said.startsWith('text/') || /(?:xml|yaml|javascript|urlencoded)$/.test(said);
  return isText || bytes.length === 0 ? text : bytes.toString('base64');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new ToolError(`The answer is not JSON: ${text.slice(0, 200)}`, {}, { cause: error });
  }
}
