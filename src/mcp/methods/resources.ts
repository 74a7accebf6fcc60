import { Injectable } from '@nestjs/common';
import { Call, Caller, isObject, type ResourceContents } from '../../core/index.js';
import { ResourceRegistry, type ResourceTarget } from '../../tools/index.js';
import type { ResultParts } from '../eras/era.js';
import type { Exchange } from '../exchange.js';
import { ListPages, type Listing } from '../list-pages.js';
import { McpOptions } from '../mcp.options.js';
import type { Method, MethodGroup } from '../method.js';
import { valueOf } from '../wire-map.js';
import { ProtocolError, optionalObject, requireString, type Params } from '../wire.js';

/** `resources/list`, `resources/templates/list` and `resources/read`. */
@Injectable()
export class ResourceMethods implements MethodGroup {
  readonly capabilities = { resources: {} };
  readonly methods: readonly Method[] = [
    { name: 'resources/list', handle: (params, exchange) => this.pages.page(this.#resources, params, exchange) },
    {
      name: 'resources/templates/list',
      handle: (params, exchange) => this.pages.page(this.#templates, params, exchange),
    },
    { name: 'resources/read', handle: (params, exchange) => this.#read(params, exchange) },
  ];
  readonly #resources: Listing<ResourceTarget>;
  readonly #templates: Listing<ResourceTarget>;

  constructor(
    private readonly caller: Caller,
    private readonly pages: ListPages,
    private readonly options: McpOptions,
    registry: ResourceRegistry,
  ) {
    const describe = describeResource;
    this.#resources = {
      member: 'resources',
      registry,
      describe,
      includes: ({ options: { uri } }) => uri !== undefined,
    };
    this.#templates = {
      member: 'resourceTemplates',
      registry,
      describe,
      includes: ({ options: { uriTemplate } }) => uriTemplate !== undefined,
    };
  }

  async #read(params: Params, exchange: Exchange): Promise<ResultParts> {
    const { principal, remoteAddress, era } = exchange;
    const uri = requireString(params, 'uri');
    const client = exchange.channel(optionalObject(params, '_meta'));
    const call = new Call({ kind: 'resource', name: uri, input: undefined, principal, remoteAddress, client });
    exchange.begin(call);
    const outcome = await this.caller.call(call);
    if (outcome.code === 'unknown')
      throw new ProtocolError(era.resourceNotFound, `Resource not found: ${uri}`, { uri });
    const contents = contentsOf(valueOf(outcome), uri, (call.target as ResourceTarget).options.mimeType);
    return {
      members: `"contents":${JSON.stringify(contents)}`,
      cache: { ttlMs: this.options.listTtlMs, scope: 'private' },
    };
  }
}

function describeResource({ name, options }: ResourceTarget): object {
  const { uri, uriTemplate, title, description, mimeType, size, annotations, icons, _meta } = options;
  return { uri, uriTemplate, name, title, description, mimeType, size, annotations, icons, _meta };
}

/**
 * What a reader returned, as resource contents: text, bytes, an object with `text` or `blob` (base64 or bytes), a list
 * of such objects, or `{ contents }`. Any other object is JSON.
 */
function contentsOf(value: unknown, uri: string, mimeType: string | undefined): readonly ResourceContents[] {
  if (Array.isArray(value) && value.length > 0 && value.every(isContents)) {
    return value.map((entry) => oneContent(entry, uri, mimeType));
  }
  if (isObject(value) && Array.isArray(value['contents'])) return contentsOf(value['contents'], uri, mimeType);
  return [oneContent(value, uri, mimeType)];
}

function oneContent(value: unknown, uri: string, mimeType: string | undefined): ResourceContents {
  if (typeof value === 'string') return { uri, mimeType: mimeType ?? 'text/plain', text: value };
  if (value instanceof Uint8Array)
    return { uri, mimeType: mimeType ?? 'application/octet-stream', blob: base64(value) };
  if (isContents(value)) {
    const blob = value['blob'] instanceof Uint8Array ? { blob: base64(value['blob']) } : {};
    return { uri, ...(mimeType !== undefined && { mimeType }), ...value, ...blob } as ResourceContents;
  }
  return { uri, mimeType: mimeType ?? 'application/json', text: JSON.stringify(value) };
}

function isContents(value: unknown): value is Readonly<Record<string, unknown>> {
  return isObject(value) && !(value instanceof Uint8Array) && (typeof value['text'] === 'string' || 'blob' in value);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
