import { z } from 'zod';
import { ToolError } from '../../core/index.js';
import { Node, type NodeContext } from '../model/node.js';
import { WorkflowNode } from '../model/workflow-node.decorator.js';
import { authSchema, headersSchema } from './api-auth.js';
import { ApiClient } from './api-client.js';
import { readBody } from './body.js';
import { withQuery } from './http-request.node.js';
import { firstPage, nextPage, paginationSchema } from './pagination.js';
import { valueAt } from './value-path.js';

const parameters = z.strictObject({
  base_url: z.string().min(1).max(4_096).describe('What the resource is added to: `https://api.example.com/v1`.'),
  resource: z.string().max(4_096).default('').describe('Path below it: `customers`.'),
  query: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .default({})
    .describe('Added to the query.'),
  headers: headersSchema,
  auth: authSchema,
  items_path: z.string().max(200).default('').describe('Where an answer has its list: `data.items`; empty: all of it.'),
  pagination: paginationSchema,
  max_pages: z.int().min(1).max(10_000).optional().describe('Not more than nodes.api.maxPages.'),
  max_items: z.int().min(1).max(1_000_000).default(10_000).describe('Items that are returned at most.'),
  timeout_seconds: z.number().positive().max(600).optional().describe('Of one request; not more than configured.'),
});

const output = z.strictObject({
  items: z.array(z.unknown()),
  pages: z.int(),
  truncated: z.boolean().describe('Whether there is more than was fetched.'),
});

/** Reads a list from a REST API, page by page. */
@WorkflowNode({
  category: 'api',
  description: 'Reads a list from a REST API, following its pages by number, offset, cursor or Link header.',
  parameters,
  output,
  readOnly: true,
  examples: [
    {
      title: 'all customers, page by page',
      parameters: {
        base_url: 'https://api.example.com/v1',
        resource: 'customers',
        items_path: 'data',
        pagination: { type: 'cursor', next_path: 'meta.next' },
        auth: { type: 'bearer', token_ref: 'crm' },
      },
    },
  ],
})
export class RESTClientNode extends Node<z.output<typeof parameters>, z.output<typeof output>> {
  constructor(private readonly client: ApiClient) {
    super();
  }

  override async run(given: z.output<typeof parameters>, context: NodeContext): Promise<z.output<typeof output>> {
    const { pagination, items_path, max_items, headers } = given;
    const start = resourceUrl(given.base_url, given.resource);
    const maxPages = Math.min(given.max_pages ?? this.client.maxPages, this.client.maxPages);
    const timeoutMs = given.timeout_seconds === undefined ? undefined : given.timeout_seconds * 1000;
    const items: unknown[] = [];
    const seen = new Set<string>();
    let next: string | undefined = withQuery(start, { ...given.query, ...firstPage(pagination) });
    let pages = 0;
    let bytes = 0;
    while (next !== undefined && pages < maxPages && items.length < max_items) {
      const url: string = next;
      if (seen.has(url)) throw new ToolError('The API names a page as the next one that was fetched already.');
      seen.add(url);
      const auth = originOf(url) === originOf(start) ? given.auth : undefined;
      const answer = await this.client.send({ url, headers, auth, timeoutMs }, context);
      if (!answer.ok)
        throw new ToolError(`Page ${pages + 1} was answered with ${answer.status}: ${answer.text.slice(0, 300)}`);
      bytes += answer.bytes.length;
      if (bytes > this.client.maxResponseBytes) {
        throw new ToolError(
          'The pages together are larger than nodes.api.maxResponseBytes; ask for fewer items or fields.',
        );
      }
      const body = readBody({ ...answer, type: 'application/json' }, 'json');
      const found = valueAt(body, items_path);
      if (!Array.isArray(found)) throw new ToolError(`There is no list at "${items_path}" of page ${pages + 1}.`);
      for (const item of found as unknown[]) items.push(item);
      pages++;
      const page = { url, number: pages, items: found.length, total: items.length, body, link: answer.headers['link'] };
      next = nextPage(pagination, page);
      context.progress(items.length, undefined, `page ${pages}`);
    }
    return { items: items.slice(0, max_items), pages, truncated: next !== undefined || items.length > max_items };
  }
}

function resourceUrl(base: string, resource: string): string {
  if (resource === '') return base;
  return `${base.replace(/\/+$/, '')}/${resource.replace(/^\/+/, '')}`;
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : '';
}
