import { z } from 'zod';
import { valueAt } from './value-path.js';

const name = z.string().min(1).max(100);
const path = z.string().max(200);

/** How an API hands out a list in pages. */
export const paginationSchema = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('page').describe('Pages have numbers.'),
      page_param: name.default('page'),
      first_page: z.int().min(0).default(1),
      size_param: name.optional(),
      page_size: z.int().min(1).max(10_000).default(100),
    }),
    z.strictObject({
      type: z.literal('offset').describe('Pages begin at an item.'),
      offset_param: name.default('offset'),
      limit_param: name.default('limit'),
      page_size: z.int().min(1).max(10_000).default(100),
    }),
    z.strictObject({
      type: z.literal('cursor').describe('Each answer names the next page by a cursor.'),
      cursor_param: name.default('cursor'),
      next_path: path.default('next_cursor').describe('Where an answer has the cursor.'),
    }),
    z.strictObject({
      type: z.literal('link').describe('Each answer has the next page in its header Link (RFC 8288).'),
    }),
  ])
  .optional()
  .describe('How the API hands out pages; without it one request is made.');

/** See {@link paginationSchema}. */
export type Pagination = z.output<typeof paginationSchema>;

/** What a page says about where the next one is. */
export interface Page {
  readonly url: string;
  /** How many pages were fetched, this one included. */
  readonly number: number;
  readonly items: number;
  /** Items of all pages so far. */
  readonly total: number;
  readonly body: unknown;
  readonly link: string | undefined;
}

/** The parameters of the first page. */
export function firstPage(pagination: Pagination): Readonly<Record<string, string | number>> {
  switch (pagination?.type) {
    case 'page': {
      const { page_param, first_page, size_param, page_size } = pagination;
      return { [page_param]: first_page, ...(size_param !== undefined && { [size_param]: page_size }) };
    }
    case 'offset':
      return { [pagination.offset_param]: 0, [pagination.limit_param]: pagination.page_size };
    default:
      return {};
  }
}

/** The URL of the page after this one; `undefined` after the last. */
export function nextPage(pagination: Pagination, page: Page): string | undefined {
  switch (pagination?.type) {
    case 'page': {
      const more = pagination.size_param === undefined ? page.items > 0 : page.items >= pagination.page_size;
      return more ? withParameter(page.url, pagination.page_param, pagination.first_page + page.number) : undefined;
    }
    case 'offset':
      return page.items >= pagination.page_size
        ? withParameter(page.url, pagination.offset_param, page.total)
        : undefined;
    case 'cursor': {
      const cursor = valueAt(page.body, pagination.next_path);
      if ((typeof cursor !== 'string' && typeof cursor !== 'number') || cursor === '') return undefined;
      return withParameter(page.url, pagination.cursor_param, cursor);
    }
    case 'link':
      return nextLink(page.link ?? '', page.url);
    default:
      return undefined;
  }
}

function withParameter(url: string, parameter: string, value: string | number): string {
  const next = new URL(url);
  next.searchParams.set(parameter, String(value));
  return next.href;
}

/** The target of the relation `next` in a header Link. */
function nextLink(header: string, base: string): string | undefined {
  for (const [, target = '', parameters = ''] of header.matchAll(/<([^<>]*)>([^<]*)/g)) {
    if (!/;\s*rel\s*=\s*(?:"[^"]*\bnext\b[^"]*"|next\b)/i.test(parameters)) continue;
    return URL.canParse(target, base) ? new URL(target, base).href : undefined;
  }
  return undefined;
}
