import { HEADER_MISMATCH, errorReply, type JsonRpcRequest, type Reply } from '../../wire.js';
import type { MirroredHeaders } from '../../classification.js';

/** Methods whose body names something that `Mcp-Name` must name too, and where the body has it. */
const NAME_SOURCES: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
  ['tasks/get', 'taskId'],
  ['tasks/update', 'taskId'],
  ['tasks/cancel', 'taskId'],
]);

const ENCODED = /^=\?base64\?(.*)\?=$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Checks the headers that every modern request must carry (S/basic/transports/streamable-http, request metadata):
 * there, and equal to the body. That the method agrees has been seen in classification.
 */
export function checkMirroredHeaders(
  { id, method, params }: JsonRpcRequest,
  headers: MirroredHeaders,
): Reply | undefined {
  const refuse = (message: string): Reply => errorReply(id, 400, HEADER_MISMATCH, `Header mismatch: ${message}`);
  if (headers.protocolVersion === undefined) return refuse('MCP-Protocol-Version is missing');
  if (headers.method === undefined) return refuse(`Mcp-Method is missing; the body says ${method}`);
  const source = NAME_SOURCES.get(method);
  const named = source === undefined ? undefined : params?.[source];
  if (source === undefined || typeof named !== 'string') return undefined;
  if (headers.name === named) return undefined;
  if (headers.name === undefined) return refuse(`Mcp-Name is missing; it must repeat params.${source}`);
  const decoded = decodeHeader(headers.name);
  if (decoded === undefined) return refuse('Mcp-Name is not valid Base64');
  return decoded === named ? undefined : refuse(`Mcp-Name differs from params.${source}`);
}

/** A header's value: literal, or UTF-8 in `=?base64?…?=`; `undefined` when that is not valid Base64. */
export function decodeHeader(value: string): string | undefined {
  const encoded = ENCODED.exec(value)?.[1];
  if (encoded === undefined) return value;
  if (!BASE64.test(encoded)) return undefined;
  return Buffer.from(encoded, 'base64').toString('utf8');
}
