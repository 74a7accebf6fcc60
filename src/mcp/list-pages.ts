import { Injectable } from '@nestjs/common';
import type { Target, TargetRegistry } from '../core/index.js';
import { Access } from './access/access.js';
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

/** Lists kept at once: one for each that callers with the same rights see. */
const MOST_RENDERED = 512;

/** Pages of the lists, serialised once for all who see the same, until a registry changes. */
@Injectable()
export class ListPages {
  /** Least recently used first. */
  readonly #rendered = new Map<string, Rendered>();

  constructor(
    private readonly cursors: CursorCodec,
    private readonly options: McpOptions,
    private readonly access: Access,
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
    const visibility = this.access.visibleTo(exchange.principal);
    const key = `${exchange.era.name} ${member} ${visibility.key}`;
    const known = this.#rendered.get(key);
    this.#rendered.delete(key);
    if (known?.version === registry.version) {
      this.#rendered.set(key, known);
      return known;
    }
    const targets = registry.list().filter((target) => (includes?.(target) ?? true) && visibility.sees(target));
    const rendered: Rendered = {
      version: registry.version,
      names: targets.map(({ name }) => name),
      entries: targets.map((target) => JSON.stringify(describe(target, exchange))),
      pages: new Map(),
    };
    this.#rendered.set(key, rendered);
    if (this.#rendered.size > MOST_RENDERED) this.#rendered.delete(this.#rendered.keys().next().value as string);
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
