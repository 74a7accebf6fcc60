import { SetMetadata, applyDecorators } from '@nestjs/common';
import { SetPolicy, markEntryProvider } from '../core/index.js';
import { policyPart, type Described, type PromptOptions, type ResourceOptions, type ToolOptions } from './options.js';

/** Metadata keys are stable strings, so that two copies of this package in one process understand each other. */
export const TOOL_METADATA = 'mcp:tool';
/** See {@link TOOL_METADATA}. */
export const RESOURCE_METADATA = 'mcp:resource';
/** See {@link TOOL_METADATA}. */
export const PROMPT_METADATA = 'mcp:prompt';

/**
 * Makes a method of a provider an MCP tool. The method gets the validated arguments and the call.
 *
 * @example
 * ```ts
 * @McpTool({ description: 'Adds two numbers', inputSchema: z.object({ a: z.number(), b: z.number() }) })
 * add({ a, b }: { a: number; b: number }): number {
 *   return a + b;
 * }
 * ```
 */
export function McpTool(options: ToolOptions): MethodDecorator {
  return entry(TOOL_METADATA, 'tool', options);
}

/**
 * Makes a method the reader of a resource, or of all resources of a template. The method gets the template's variables,
 * decoded, and the call, whose `name` is the URI that is read.
 */
export function McpResource(options: ResourceOptions): MethodDecorator {
  return entry(RESOURCE_METADATA, 'resource', options);
}

/** Makes a method the author of a prompt. The method gets the validated arguments and the call. */
export function McpPrompt(options: PromptOptions): MethodDecorator {
  return entry(PROMPT_METADATA, 'prompt', options);
}

function entry(key: string, kind: 'tool' | 'resource' | 'prompt', options: Described): MethodDecorator {
  const mark: MethodDecorator = (prototype, methodName) => markEntryProvider(prototype, methodName);
  return applyDecorators(SetMetadata(key, options), SetPolicy(policyPart(kind, options)), mark);
}
