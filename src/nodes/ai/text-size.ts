import { ToolError } from '../../core/index.js';
import { AI_PATH } from './ai.options.js';
import type { ChatRequest } from './chat.js';

/** Four bytes of text are about a token, for budgets when nobody counts. */
export function estimatedTokens(bytes: number): number {
  return Math.ceil(bytes / 4);
}

/**
 * Bytes of what a model is to read: messages, tools and schema.
 *
 * @throws ToolError when there are more than `max`
 */
export function promptBytes(
  { messages, tools, schema }: Pick<ChatRequest, 'messages' | 'tools' | 'schema'>,
  max: number,
): number {
  let bytes = 0;
  for (const { content, toolCalls } of messages) {
    bytes += Buffer.byteLength(content);
    if (toolCalls !== undefined) bytes += Buffer.byteLength(JSON.stringify(toolCalls));
  }
  if (tools !== undefined && tools.length > 0) bytes += Buffer.byteLength(JSON.stringify(tools));
  if (schema !== undefined) bytes += Buffer.byteLength(JSON.stringify(schema));
  if (bytes <= max) return bytes;
  throw new ToolError(`The prompt has ${bytes} bytes; at most ${max} are sent (${AI_PATH}.maxPromptBytes). Send less.`);
}
