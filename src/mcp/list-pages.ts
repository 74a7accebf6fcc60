import { Injectable } from '@nestjs/common';
import type { Target, TargetRegistry } from '../core/index.js';
import { CursorCodec } from './cursor.js';
import type { ResultParts } from './eras/era.js';
import type { Exchange } from './exchange.js';
import { McpOptions } from './mcp.options.js';
import type { Params } from './wire.js';

/** One list of the protocol. */
export interface Listing<T extends Target> {
  /** `tools`: the member of the result. */
  readonly member: string;
  readonly registry: TargetRegistry<T>;
  readonly includes?: (target: T) => boolean;
  /** What clients see of one entry; depends on the era. */
  readonly describe: (target: T, exchange: Exchange) => object;
}

interface Rendered {
  readonly version: number;
  readonly names: readonly string[];
  readonly entries: readonly string[];
  /** Index of the first entry → the page, serialised. */
  readonly pages: Map<number, string>;
}

/** Pages of the lists, serialised once until a registry changes. */
@Injectable()
export class ListPages {
  readonly #rendered = new Map<string, Rendered>();

  constructor(
    private readonly cursors: CursorCodec,
    private readonly options: McpOptions,
  ) {}

  /** @throws ProtocolError -32602 when the cursor is bad. */
  page<T extends Target>(listing: Listing<T>, { cursor }: Params, exchange: Exchange): ResultParts {
    const { member } = listing;
    const after = cursor === undefined ? undefined : this.cursors.decode(member, exchange.principal, cursor);
    const rendered = this.#render(listing, exchange);
    const start = after === undefined ? 0 : firstAfter(rendered.names, after);
    const end = Math.min(start + this.options.pageSize, rendered.names.length);
    let page = rendered.pages.get(start);
    if (page === undefined) {
      page = `"${member}":[${rendered.entries.slice(start, end).join(',')}]`;
      rendered.pages.set(start, page);
    }
    const last = end < rendered.names.length ? rendered.names[end - 1] : undefined;
    const next = last && `,"nextCursor":${JSON.stringify(this.cursors.encode(member, exchange.principal, last))}`;
    return { members: `${page}${next ?? ''}`, cache: { ttlMs: this.options.listTtlMs, scope: 'private' } };
  }

  #render<T extends Target>({ member, registry, includes, describe }: Listing<T>, exchange: Exchange): Rendered {
    const key = `${exchange.era.name} ${member}`;
    const known = this.#rendered.get(key);
    if (known?.version === registry.version) return known;
    const targets = includes === undefined ? registry.list() : registry.list().filter(includes);
    const rendered: Rendered = {
      version: registry.version,
      names: targets.map(({ name }) => name),
      entries: targets.map((target) => JSON.stringify(describe(target, exchange))),
      pages: new Map(),
    };
    this.#rendered.set(key, rendered);
    return rendered;
  }
}

/** Where a list goes on behind a name, which may have been removed meanwhile. */
function firstAfter(names: readonly string[], name: string): number {
  let low = 0;
  let high = names.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((names[middle] as string) <= name) low = middle + 1;
    else high = middle;
  }
  return low;
}
