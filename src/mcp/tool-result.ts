import { isContentBlock, isToolResult, type ContentBlock, type ToolResult } from '../core/index.js';
import type { ToolTarget } from '../tools/index.js';
import type { Era, ResultParts } from './eras/era.js';
import { members } from './wire-map.js';

/**
 * What a tool returned, as a tool result.
 *
 * Strings are text as they are, content blocks are content, a whole `ToolResult` passes, nothing is no content, and
 * anything else is JSON. With an output schema the value is structured content, and the same JSON as text.
 */
export function toolResult(value: unknown, { output }: ToolTarget, era: Era): ResultParts {
  if (isToolResult(value)) return writtenOut(value, era);
  if (output !== undefined) return structured(value, era);
  if (typeof value === 'string') return { members: `"content":[{"type":"text","text":${JSON.stringify(value)}}]` };
  if (value === undefined) return { members: '"content":[]' };
  if (isContentBlock(value)) return { members: `"content":[${JSON.stringify(value)}]` };
  if (isBlocks(value)) return { members: `"content":${JSON.stringify(value)}` };
  return { members: `"content":[${textBlock(toJson(value))}]` };
}

function structured(value: unknown, era: Era): ResultParts {
  const json = toJson(value);
  const sent = era.structuredContentIsObject && !isPlainObject(value) ? `{"result":${json}}` : json;
  return { members: `"content":[${textBlock(json)}],"structuredContent":${sent}` };
}

function writtenOut({ content, structuredContent, isError, _meta }: ToolResult, era: Era): ResultParts {
  const wrapped = era.structuredContentIsObject && structuredContent !== undefined && !isPlainObject(structuredContent);
  const result = { content, structuredContent: wrapped ? { result: structuredContent } : structuredContent, isError };
  const meta = _meta === undefined ? undefined : members(_meta);
  return { members: members(result), meta: meta === '' ? undefined : meta };
}

function textBlock(text: string): string {
  return `{"type":"text","text":${JSON.stringify(text)}}`;
}

/** @throws TypeError for what JSON cannot say: a cycle, a bigint, a function. */
function toJson(value: unknown): string {
  const json: string | undefined = JSON.stringify(value);
  if (json === undefined) throw new TypeError(`a tool returned a ${typeof value}, which has no JSON`);
  return json;
}

function isBlocks(value: unknown): value is readonly ContentBlock[] {
  return Array.isArray(value) && value.length > 0 && value.every(isContentBlock);
}

function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
