import type { IncomingHttpHeaders } from 'node:http';
import { Injectable } from '@nestjs/common';
import { isObject, type JsonSchema } from '../../../core/index.js';
import { ToolRegistry, type ToolTarget } from '../../../tools/index.js';
import { HEADER_MISMATCH, errorReply, type JsonRpcRequest, type Reply } from '../../wire.js';
import { decodeHeader } from './mirrored-headers.js';

/** An argument that clients mirror in a header (`x-mcp-header` in the schema of its property). */
interface Declaration {
  readonly path: readonly string[];
  /** In lower case, as Node has header names. */
  readonly header: string;
  readonly numeric: boolean;
}

const KEYWORD = 'x-mcp-header';
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const DECIMAL = /^-?\d+(\.\d+)?$/;
const PRIMITIVES: ReadonlySet<unknown> = new Set(['string', 'integer', 'number', 'boolean']);
const NONE: readonly Declaration[] = [];

/** Checks `Mcp-Param-*` headers against arguments (S/basic/transports/streamable-http; S/server/tools, x-mcp-header). */
@Injectable()
export class ParamHeaders {
  readonly #declared = new WeakMap<ToolTarget, readonly Declaration[]>();

  constructor(private readonly tools: ToolRegistry) {}

  /** The refusal of a request whose headers are missing or differ; tools without declarations cost a look-up. */
  check({ id, method, params }: JsonRpcRequest, headers: IncomingHttpHeaders): Reply | undefined {
    if (method !== 'tools/call') return undefined;
    const tool = this.tools.get(params?.['name'] as string);
    if (tool === undefined) return undefined;
    let declared = this.#declared.get(tool);
    if (declared === undefined) this.#declared.set(tool, (declared = declarationsOf(tool.input.jsonSchema)));
    for (const declaration of declared) {
      const problem = problemOf(declaration, params?.['arguments'], headers[declaration.header]);
      if (problem !== undefined) {
        return errorReply(id, 400, HEADER_MISMATCH, `Header mismatch: ${declaration.header} ${problem}`);
      }
    }
    return undefined;
  }
}

function problemOf(
  { path, numeric }: Declaration,
  input: unknown,
  header: string | string[] | undefined,
): string | undefined {
  const value = path.reduce<unknown>((node, key) => (isObject(node) ? node[key] : undefined), input);
  if (value === undefined || value === null || typeof value === 'object') return undefined;
  if (typeof header !== 'string') return `is missing; the body has ${path.join('.')}`;
  const decoded = decodeHeader(header.trim());
  if (decoded === undefined) return 'is not valid Base64';
  const equal =
    numeric && typeof value === 'number' && DECIMAL.test(decoded)
      ? Number(decoded) === value
      : decoded === (typeof value === 'string' ? value : JSON.stringify(value));
  return equal ? undefined : `differs from ${path.join('.')} in the body`;
}

/** Only properties that are reached by names alone can be mirrored; what is declared elsewhere does not count. */
function declarationsOf(schema: JsonSchema, path: readonly string[] = []): readonly Declaration[] {
  const { properties } = schema;
  if (!isObject(properties)) return NONE;
  return Object.entries(properties).flatMap(([name, property]) => {
    if (!isObject(property)) return [];
    const { [KEYWORD]: header, type } = property;
    const inner = [...path, name];
    const own =
      typeof header === 'string' && TOKEN.test(header) && PRIMITIVES.has(type)
        ? [
            {
              path: inner,
              header: `mcp-param-${header.toLowerCase()}`,
              numeric: type === 'integer' || type === 'number',
            },
          ]
        : [];
    return [...own, ...declarationsOf(property, inner)];
  });
}
