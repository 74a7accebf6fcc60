/**
 * What tools, resources and prompts exchange with a model.
 *
 * The shapes are those of the MCP specification (`schema.ts` of revision 2026-07-28); a compile-time check in `mcp/`
 * proves that they equal the SDK's, so that nothing below `mcp/` needs to import it.
 */

/** Who a piece of content is for, how much it matters, and when it changed. */
export interface Annotations {
  readonly audience?: ('user' | 'assistant')[] | undefined;
  /** 0 (least) to 1 (most important). */
  readonly priority?: number | undefined;
  /** ISO 8601 time. */
  readonly lastModified?: string | undefined;
}

/** An icon that a client may show. `src` is an `https:` or `data:` URI. */
export interface Icon {
  readonly src: string;
  readonly mimeType?: string | undefined;
  /** `48x48`, or `any` for a scalable one. */
  readonly sizes?: string[] | undefined;
  readonly theme?: 'light' | 'dark' | undefined;
}

/** Free-form metadata; keys follow the specification's `prefix/name` rule. */
export type Meta = Record<string, unknown>;

interface ContentBase {
  readonly annotations?: Annotations | undefined;
  readonly _meta?: Meta | undefined;
}

/** Plain text. */
export interface TextContent extends ContentBase {
  readonly type: 'text';
  readonly text: string;
}

/** An image; `data` is base64. */
export interface ImageContent extends ContentBase {
  readonly type: 'image';
  readonly data: string;
  readonly mimeType: string;
}

/** A sound; `data` is base64. */
export interface AudioContent extends ContentBase {
  readonly type: 'audio';
  readonly data: string;
  readonly mimeType: string;
}

/** The text of a resource. */
export interface TextResourceContents {
  readonly uri: string;
  readonly mimeType?: string | undefined;
  readonly text: string;
  readonly _meta?: Meta | undefined;
}

/** The bytes of a resource, base64. */
export interface BlobResourceContents {
  readonly uri: string;
  readonly mimeType?: string | undefined;
  readonly blob: string;
  readonly _meta?: Meta | undefined;
}

/** What a resource holds. */
export type ResourceContents = TextResourceContents | BlobResourceContents;

/** A resource inside an answer. */
export interface EmbeddedResource extends ContentBase {
  readonly type: 'resource';
  readonly resource: ResourceContents;
}

/** A reference to a resource that the client may read. */
export interface ResourceLink extends ContentBase {
  readonly type: 'resource_link';
  readonly uri: string;
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly mimeType?: string | undefined;
  /** Bytes. */
  readonly size?: number | undefined;
  readonly icons?: Icon[] | undefined;
}

/** One block of a tool's or a prompt's content. */
export type ContentBlock = TextContent | ImageContent | AudioContent | EmbeddedResource | ResourceLink;

/** One message of a prompt. */
export interface PromptMessage {
  readonly role: 'user' | 'assistant';
  readonly content: ContentBlock;
}

/** Hints about what a tool does. Clients must not trust them for security decisions. */
export interface ToolAnnotations {
  readonly title?: string | undefined;
  readonly readOnlyHint?: boolean | undefined;
  readonly destructiveHint?: boolean | undefined;
  readonly idempotentHint?: boolean | undefined;
  readonly openWorldHint?: boolean | undefined;
}

/** A tool's answer written out by hand, when the shorthands of a handler's return value are not enough. */
export interface ToolResult {
  readonly content: readonly ContentBlock[];
  readonly structuredContent?: unknown;
  /** The call failed in a way that the model should read about. */
  readonly isError?: boolean | undefined;
  readonly _meta?: Meta | undefined;
}

const BLOCK_TYPES: ReadonlySet<unknown> = new Set(['text', 'image', 'audio', 'resource', 'resource_link']);

/** Whether a value is a content block; what is inside the block is the wire's to check. */
export function isContentBlock(value: unknown): value is ContentBlock {
  return typeof value === 'object' && value !== null && 'type' in value && BLOCK_TYPES.has(value.type);
}

/** Whether a value is a whole tool result rather than data to be wrapped in one. */
export function isToolResult(value: unknown): value is ToolResult {
  return (
    typeof value === 'object' &&
    value !== null &&
    'content' in value &&
    Array.isArray(value.content) &&
    value.content.every(isContentBlock)
  );
}
