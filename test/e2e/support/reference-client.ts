import type {
  CallToolResult,
  CompleteRequest,
  CompleteResult,
  GetPromptResult,
  Progress,
  ReadResourceResult,
  ServerCapabilities,
} from '@modelcontextprotocol/client';
import type { InMemoryTransport } from '../../../src/index.js';

/** The newest revision of each era. */
export type Revision = '2026-07-28' | '2025-11-25';

/** How a server is reached. */
export type Endpoint =
  | { readonly kind: 'http'; readonly url: string }
  | { readonly kind: 'memory'; readonly transport: InMemoryTransport }
  | {
      readonly kind: 'stdio';
      readonly args: readonly string[];
      readonly cwd?: string;
      readonly env?: Record<string, string>;
    };

/** What a caller may ask for beside the result. */
export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onprogress?: (progress: Progress) => void;
  readonly meta?: Readonly<Record<string, unknown>>;
}

/** A log message as it arrives. */
export interface LogMessage {
  readonly level: string;
  readonly data?: unknown;
  readonly logger?: string | undefined;
}

/** The four lists of the protocol. */
export type ListName = 'tools' | 'resources' | 'resourceTemplates' | 'prompts';

/** An entry of a list; what else it has depends on the list. */
export interface Entry {
  readonly name: string;
  readonly [member: string]: unknown;
}

/** One page of a list. */
export interface Page {
  readonly entries: readonly Entry[];
  readonly nextCursor: string | undefined;
  readonly [member: string]: unknown;
}

/**
 * What both reference clients do, each by its own official methods: they check every result against their schemas, so
 * what a test gets has passed them. Errors are the client's, with `code` and `data`.
 */
export interface ReferenceClient {
  readonly server: Readonly<Record<string, unknown>> | undefined;
  readonly capabilities: ServerCapabilities | undefined;
  readonly instructions: string | undefined;
  readonly logs: readonly LogMessage[];
  page(list: ListName, cursor?: string): Promise<Page>;
  callTool(name: string, args?: Readonly<Record<string, unknown>>, options?: CallOptions): Promise<CallToolResult>;
  readResource(uri: string): Promise<ReadResourceResult>;
  getPrompt(name: string, args?: Record<string, string>): Promise<GetPromptResult>;
  complete(params: CompleteRequest['params']): Promise<CompleteResult>;
  close(): Promise<void>;
}

/** Every entry of a list, and how many pages it took. */
export async function allPages(
  client: ReferenceClient,
  list: ListName,
): Promise<{ readonly entries: readonly Entry[]; readonly pages: readonly Page[] }> {
  const pages: Page[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.page(list, cursor);
    pages.push(page);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return { entries: pages.flatMap(({ entries }) => entries), pages };
}

/** The JSON-RPC method of a list. */
export const LIST_METHODS = {
  tools: 'tools/list',
  resources: 'resources/list',
  resourceTemplates: 'resources/templates/list',
  prompts: 'prompts/list',
} as const satisfies Readonly<Record<ListName, string>>;

/** What `_meta` and the request's options look like for either client. */
export function requestParts({ signal, onprogress, meta }: CallOptions): {
  readonly params: object;
  readonly options: { signal?: AbortSignal; onprogress?: (progress: Progress) => void };
} {
  return {
    params: meta === undefined ? {} : { _meta: meta },
    options: { ...(signal && { signal }), ...(onprogress && { onprogress }) },
  };
}
