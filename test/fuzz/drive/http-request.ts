import { isObject } from '../../../src/core/index.js';
import { MODERN_VERSION, PROTOCOL_VERSION_META_KEY } from '../../../src/mcp/wire.js';
import type { Forgery, HttpStep } from '../generate/http.js';

/** Header names and values, in order; a name may come twice. */
export type Headers = readonly (readonly [name: string, value: string])[];

const NAMED: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
};

const BOTH = 'application/json, text/event-stream';
const COMMON: Headers = [
  ['host', 'localhost'],
  ['content-type', 'application/json'],
  ['accept', BOTH],
];

/** The headers that the protocol wants with a message of the 2026 era. */
export function modernHeaders(message: unknown): Headers {
  const { method, params } = isObject(message) ? message : {};
  const given = isObject(params) ? params : {};
  const meta = isObject(given['_meta']) ? given['_meta'] : {};
  const version = meta[PROTOCOL_VERSION_META_KEY];
  const named = given[NAMED[String(typeof method === 'string' && method)] ?? ''];
  const input = isObject(given['arguments']) ? given['arguments'] : {};
  return [
    ...COMMON,
    ['mcp-protocol-version', typeof version === 'string' ? encoded(version) : MODERN_VERSION],
    ...(typeof method === 'string' ? ([['mcp-method', encoded(method)]] as const) : []),
    ...(typeof named === 'string' ? ([['mcp-name', encoded(named)]] as const) : []),
    ...(['region', 'level'] as const).flatMap((name) => mirrored(name, input[name])),
  ];
}

/** The headers that the protocol wants within a session of the 2025 era. */
export function sessionHeaders(sessionId: string | undefined): Headers {
  return sessionId === undefined ? COMMON : [...COMMON, ['mcp-session-id', sessionId]];
}

/** A request as it stands on the wire, in the pieces in which it is written. */
export function written(
  method: string,
  headers: Headers,
  body: string | undefined,
  { forgeries, framing }: Pick<HttpStep, 'forgeries' | 'framing'>,
): readonly Buffer[] {
  const forged = forgeries.reduce(forge, headers);
  const bytes = Buffer.from(body ?? '');
  const framed: Headers =
    body === undefined
      ? []
      : framing === 'chunked'
        ? [['transfer-encoding', 'chunked']]
        : [['content-length', String(bytes.length)]];
  const lines = [...forged, ...framed].map(([name, value]) => `${name}: ${value}`);
  const head = Buffer.from([`${method} /mcp HTTP/1.1`, ...lines, '', ''].join('\r\n'));
  if (body === undefined) return [head];
  if (framing === 'length') return [Buffer.concat([head, bytes])];
  const half = bytes.length >> 1;
  const pieces = [bytes.subarray(0, half), bytes.subarray(half)].filter(({ length }) => length > 0);
  if (framing === 'pieces') return [head, ...pieces];
  return [head, ...pieces.map(chunk), Buffer.from('0\r\n\r\n')];
}

function chunk(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
}

function forge(headers: Headers, { op, name, value }: Forgery): Headers {
  switch (op) {
    case 'drop':
      return headers.filter(([other]) => other !== name);
    case 'set':
      return [...headers.filter(([other]) => other !== name), [name, value]];
    case 'double':
      return [...headers, [name, value]];
    default:
      return headers.map(([other, kept]) => (other === name ? [name.toUpperCase(), ` ${kept}\t`] : [other, kept]));
  }
}

function mirrored(name: 'region' | 'level', value: unknown): Headers {
  if (value === undefined || value === null || typeof value === 'object') return [];
  return [[`mcp-param-${name}`, encoded(typeof value === 'string' ? value : JSON.stringify(value))]];
}

/** A value as a header may hold it (S/basic/transports/streamable-http, value encoding). */
function encoded(value: string): string {
  const literal = /^[!-~]([ -~]*[!-~])?$/.test(value) && !value.startsWith('=?base64?');
  return literal ? value : `=?base64?${Buffer.from(value).toString('base64')}?=`;
}
