import { Injectable } from '@nestjs/common';
import { isObject, type MaybePromise, type Outcome, type ResourceContents } from '../../core/index.js';
import {
  APP_MIME_TYPE,
  ResourceRegistry,
  isApp,
  type ResourceOptions,
  type ResourceTarget,
} from '../../tools/index.js';
import { CallRunner, inputRequired } from '../call-runner.js';
import type { ResultParts } from '../eras/era.js';
import type { Exchange } from '../exchange.js';
import { ListPages, type Listing } from '../list-pages.js';
import { McpOptions } from '../mcp.options.js';
import type { Method, MethodGroup } from '../method.js';
import { toJson, valueOf } from '../wire-map.js';
import { ProtocolError, invalidParams, requireString, type Params } from '../wire.js';

/** Resources that one client may subscribe to at once. */
const MAX_SUBSCRIPTIONS = 1000;

/** MCP Apps (SEP-1865). */
const UI_EXTENSION = 'io.modelcontextprotocol/ui';

/** `resources/list`, `resources/templates/list` and `resources/read`. */
@Injectable()
export class ResourceMethods implements MethodGroup {
  readonly capabilities = { resources: { subscribe: true, listChanged: true } };
  readonly methods: readonly Method[] = [
    {
      name: 'resources/list',
      traced: true,
      handle: (params, exchange) => this.pages.page(this.#resources, params, exchange),
    },
    {
      name: 'resources/templates/list',
      traced: true,
      handle: (params, exchange) => this.pages.page(this.#templates, params, exchange),
    },
    { name: 'resources/read', targeted: true, handle: (params, exchange) => this.#read(params, exchange) },
    {
      name: 'resources/subscribe',
      eras: ['legacy'],
      targeted: true,
      handle: (params, exchange) => this.#subscribe(params, exchange),
    },
    {
      name: 'resources/unsubscribe',
      eras: ['legacy'],
      handle: (params, exchange) => this.#unsubscribe(params, exchange),
    },
  ];
  /** Declared as soon as there is an MCP App to show. */
  get extensions(): Readonly<Record<string, object>> {
    return this.registry.list().some(({ options }) => isApp(options)) ? { [UI_EXTENSION]: {} } : {};
  }

  readonly #resources: Listing<ResourceTarget>;
  readonly #templates: Listing<ResourceTarget>;

  constructor(
    private readonly runner: CallRunner,
    private readonly pages: ListPages,
    private readonly options: McpOptions,
    private readonly registry: ResourceRegistry,
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

  async #subscribe(params: Params, exchange: Exchange): Promise<ResultParts> {
    const { state } = exchange;
    const uri = requireString(params, 'uri');
    const init = { kind: 'subscription', name: uri, input: undefined } as const;
    await this.runner.run(init, params, exchange, (_call, outcome) => this.#valueOf(outcome, uri, exchange));
    if (state !== undefined && state.subscriptions.size >= MAX_SUBSCRIPTIONS) {
      throw invalidParams(`a client may subscribe to ${MAX_SUBSCRIPTIONS} resources at once`);
    }
    state?.subscriptions.add(uri);
    return { members: '' };
  }

  #unsubscribe(params: Params, { state }: Exchange): ResultParts {
    state?.subscriptions.delete(requireString(params, 'uri'));
    return { members: '' };
  }

  #read(params: Params, exchange: Exchange): MaybePromise<ResultParts> {
    const uri = requireString(params, 'uri');
    const init = { kind: 'resource', name: uri, input: undefined } as const;
    return this.runner.run(init, params, exchange, (call, outcome): ResultParts => {
      if (outcome.code === 'input_required') return inputRequired(outcome.value);
      const value = this.#valueOf(outcome, uri, exchange);
      const contents = contentsOf(value, uri, mimeTypeOf((call.target as ResourceTarget).options));
      return {
        members: `"contents":${JSON.stringify(contents)}`,
        cache: { ttlMs: this.options.listTtlMs, scope: 'private' },
      };
    });
  }

  /** Eras name an unknown resource by codes of their own. */
  #valueOf(outcome: Outcome, uri: string, { era }: Exchange): unknown {
    if (outcome.code !== 'unknown') return valueOf(outcome);
    throw new ProtocolError(era.resourceNotFound, `Resource not found: ${uri}`, { code: 'unknown', uri });
  }
}

function describeResource({ name, options }: ResourceTarget): object {
  const { uri, uriTemplate, title, description, size, annotations, icons, ui } = options;
  const mimeType = mimeTypeOf(options);
  const _meta = ui === undefined ? options._meta : { ...options._meta, ui };
  return { uri, uriTemplate, name, title, description, mimeType, size, annotations, icons, _meta };
}

/** An MCP App has one MIME type, so that it need not be repeated. */
function mimeTypeOf(options: ResourceOptions): string | undefined {
  return options.mimeType ?? (isApp(options) ? APP_MIME_TYPE : undefined);
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
  return { uri, mimeType: mimeType ?? 'application/json', text: toJson(value) };
}

function isContents(value: unknown): value is Readonly<Record<string, unknown>> {
  return isObject(value) && !(value instanceof Uint8Array) && (typeof value['text'] === 'string' || 'blob' in value);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
