import { stringify } from 'yaml';
import type { RemoteResult } from '../connectors/index.js';
import { printable } from './output.js';

/** A tool's answer for people: structured data as indented keys and values, else its texts; the rest is named. */
export function renderResult({ structuredContent, content, isError }: RemoteResult): string {
  const text =
    structuredContent === undefined || isError ? content.map(renderBlock).join('\n') : toLines(structuredContent);
  return `${printable(text).trimEnd()}\n`;
}

type Block = RemoteResult['content'][number];

function renderBlock(block: Block): string {
  const { type, text, mimeType, data, uri } = block;
  if (type === 'text' && typeof text === 'string') return renderText(text);
  if (typeof data === 'string')
    return `[${String(type)}: ${String(mimeType)}, ${Buffer.byteLength(data, 'base64')} bytes]`;
  if (type === 'resource_link') return `[resource: ${String(uri)}]`;
  return type === 'resource' ? renderResource(block['resource']) : `[${String(type)}]`;
}

function renderResource(resource: unknown): string {
  const { uri, text } = (resource ?? {}) as Readonly<Record<string, unknown>>;
  return typeof text === 'string' ? text : `[resource: ${String(uri)}]`;
}

/** Tools send objects as JSON text; people read lines. */
function renderText(text: string): string {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return toLines(JSON.parse(text));
  } catch {
    return text;
  }
}

function toLines(value: unknown): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false, collectionStyle: 'any' });
}
