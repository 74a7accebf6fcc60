import type { Logger } from '@nestjs/common';
import {
  InternalError,
  isContentBlock,
  isToolResult,
  redactError,
  type Call,
  type ContentBlock,
  type ToolResult,
} from '../core/index.js';
import type { ToolTarget } from '../tools/index.js';
import type { Era, ResultParts } from './eras/era.js';
import { isBoundless } from './limits/result-limit.js';
import { failedToolResult, members, toJson } from './wire-map.js';

/**
 * The result of a tool call that ended well. What JSON cannot say is its author's fault, and logged as such.
 *
 * @throws RangeError where it is longer than a text can be: see {@link isBoundless}
 */
export function servedToolResult(value: unknown, call: Call, era: Era, logger: Logger): ResultParts {
  try {
    return toolResult(value, call.target as ToolTarget, era);
  } catch (error) {
    if (isBoundless(error)) throw error;
    const { id: callId, kind, name: target, principal } = call;
    logger.error({ msg: 'a call failed', callId, kind, target, principal: principal?.id, err: redactError(error) });
    return failedToolResult(new InternalError(callId, error));
  }
}

/**
 * What a tool returned, as a tool result.
 *
 * Strings are text as they are, content blocks are content, a whole `ToolResult` passes, nothing is no content, and
 * anything else is JSON. With an output schema the value is structured content, and the same JSON as text.
 */
function toolResult(value: unknown, { output }: ToolTarget, era: Era): ResultParts {
  if (output !== undefined && !isWhole(value)) return structured(value, era);
  if (isToolResult(value)) return writtenOut(value, era);
  if (typeof value === 'string') return { members: `"content":[{"type":"text","text":${JSON.stringify(value)}}]` };
  if (value === undefined) return { members: '"content":[]' };
  if (isContentBlock(value)) return { members: `"content":[${JSON.stringify(value)}]` };
  if (isBlocks(value)) return { members: `"content":${JSON.stringify(value)}` };
  return { members: `"content":[${textBlock(toJson(value))}]` };
}

/** Where data is expected, only what data cannot have tells a whole result from data with a list called "content". */
function isWhole(value: unknown): boolean {
  return isToolResult(value) && (value.isError === true || value.structuredContent !== undefined);
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

function isBlocks(value: unknown): value is readonly ContentBlock[] {
  return Array.isArray(value) && value.length > 0 && value.every(isContentBlock);
}

function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
