import { classifyInboundRequest, type InboundClassificationOutcome } from '@modelcontextprotocol/server';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classify, type MirroredHeaders } from './classification.js';
import { MODERN_VERSION } from './wire.js';

const RUNS = 20_000;
const VERSION = 'io.modelcontextprotocol/protocolVersion';
const CAPABILITIES = 'io.modelcontextprotocol/clientCapabilities';
const CLIENT = 'io.modelcontextprotocol/clientInfo';

type Json = Record<string, unknown>;

/** What is compared: the kind, the era, the message, and of a refusal its status and code. */
interface Verdict {
  readonly kind: string;
  readonly era?: string;
  readonly [member: string]: unknown;
}

function ours(body: unknown, headers: MirroredHeaders): Verdict {
  const classified = classify(body, headers);
  if (classified.kind !== 'rejected') return classified;
  const { id, error } = JSON.parse(classified.reply.body) as { id: unknown; error: { code: number } };
  expect([null, idOf(body)]).toContain(id);
  return { kind: 'rejected', status: classified.reply.status, code: error.code };
}

function idOf(body: unknown): unknown {
  return isObject(body) ? body['id'] : null;
}

/** The SDK's classification, and which revisions are served. */
function theirs(body: unknown, headers: MirroredHeaders): Verdict {
  const outcome = classifyInboundRequest({
    httpMethod: 'POST',
    body,
    ...(headers.protocolVersion !== undefined && { protocolVersionHeader: headers.protocolVersion }),
    ...(headers.method !== undefined && { mcpMethodHeader: headers.method }),
    ...(headers.name !== undefined && { mcpNameHeader: headers.name }),
  });
  if (outcome.kind === 'reject') {
    return { kind: 'rejected', status: outcome.httpStatus, code: outcome.code };
  }
  return outcome.kind === 'modern' ? modern(outcome) : legacy(body);
}

function modern(outcome: InboundClassificationOutcome & { readonly kind: 'modern' }): Verdict {
  const { message, messageKind, classification } = outcome;
  if (messageKind === 'notification') return { kind: 'notification', era: 'modern', message };
  if (classification.revision === MODERN_VERSION) return { kind: 'request', era: 'modern', message };
  return { kind: 'rejected', status: 400, code: -32022 };
}

function legacy(body: unknown): Verdict {
  if (Array.isArray(body)) return { kind: 'batch', messages: body };
  const message = body as Json;
  if (!('method' in message)) return { kind: 'response', message };
  return { kind: 'id' in message ? 'request' : 'notification', era: 'legacy', message };
}

const METHODS = [
  'tools/call',
  'tools/list',
  'server/discover',
  'initialize',
  'ping',
  'notifications/cancelled',
  'x',
  '',
];
const VERSIONS = [MODERN_VERSION, '2025-11-25', '2025-03-26', '2026-07-29', 'v999', ''];
const odd = fc.oneof(
  fc.constantFrom<unknown>(null, undefined, 0, 1.5, -1, 2 ** 53, '', '2.0', 'text', true, [], {}, [[]], { a: 1 }),
  fc.constantFrom<unknown>(...VERSIONS, ...METHODS),
  fc.jsonValue(),
);

/** A request that is right in everything, and what it is made of. */
const valid = fc.record({
  id: fc.oneof(fc.maxSafeInteger(), fc.string()),
  method: fc.constantFrom(...METHODS),
  client: fc.constantFrom<Json>({}, { [CLIENT]: { name: 'c', version: '1' } }, { [CLIENT]: { name: 'c' } }),
  more: fc.constantFrom<Json>({}, { progressToken: 1 }, { traceparent: '00-0-0-00' }),
});

/** Where a message is altered: the path, and what stands there then; `absent` removes it. */
const absent = Symbol('absent');
const paths = [
  ['jsonrpc'],
  ['id'],
  ['method'],
  ['params'],
  ['more'],
  ['result'],
  ['error'],
  ['params', 'name'],
  ['params', '_meta'],
  ['params', '_meta', VERSION],
  ['params', '_meta', CAPABILITIES],
  ['params', '_meta', CLIENT],
  ['params', '_meta', 'progressToken'],
  ['params', '_meta', 'io.modelcontextprotocol/logLevel'],
  ['params', '_meta', CAPABILITIES, 'roots'],
  ['params', '_meta', CAPABILITIES, 'sampling'],
  ['params', '_meta', CLIENT, 'name'],
  ['params', '_meta', CLIENT, 'icons'],
];
const alterations = fc.array(
  fc.record({ path: fc.constantFrom(...paths), value: fc.oneof(fc.constant<unknown>(absent), odd) }),
  { maxLength: 3 },
);

const response = fc.record({
  jsonrpc: fc.constantFrom('2.0', '1.0'),
  id: fc.oneof(fc.integer(), fc.string(), fc.constant(null)),
  result: fc.constantFrom<unknown>({}, { a: 1 }, [], null),
});

const body = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.tuple(valid, alterations).map(([parts, changes]) => altered(validRequest(parts), changes)),
  },
  {
    weight: 1,
    arbitrary: fc.array(
      fc.tuple(valid, alterations).map(([p, c]) => altered(validRequest(p), c)),
      { maxLength: 3 },
    ),
  },
  { weight: 1, arbitrary: response },
  { weight: 1, arbitrary: fc.jsonValue() },
);

const headers = fc.record(
  {
    protocolVersion: fc.constantFrom(...VERSIONS),
    method: fc.constantFrom(...METHODS),
    name: fc.constantFrom('echo', ''),
  },
  { requiredKeys: [] },
);

function validRequest({ id, method, client, more }: { id: unknown; method: string; client: Json; more: Json }): Json {
  const meta = { [VERSION]: MODERN_VERSION, [CAPABILITIES]: {}, ...client, ...more };
  return { jsonrpc: '2.0', id, method, params: { name: 'echo', _meta: meta } };
}

function altered(whole: Json, changes: readonly { readonly path: readonly string[]; readonly value: unknown }[]): Json {
  const copy = structuredClone(whole);
  for (const { path, value } of changes) {
    const holder = path.slice(0, -1).reduce<unknown>((node, key) => (isObject(node) ? node[key] : undefined), copy);
    const key = path.at(-1) ?? '';
    if (!isObject(holder)) continue;
    if (value === absent) delete holder[key];
    // A copy: one value may be put into itself, and is put into many messages.
    else holder[key] = structuredClone(value);
  }
  // As it comes over the wire: without what JSON has no word for.
  return JSON.parse(JSON.stringify(copy)) as Json;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

describe('classification', () => {
  it(
    `[protocol B3, protocol B7, protocol B9, protocol L1] agrees with the SDK on ${RUNS} messages`,
    { timeout: 60_000 },
    () => {
      const seen = new Map<string, number>();
      fc.assert(
        fc.property(body, headers, (received, mirrored) => {
          const verdict = ours(received, mirrored);
          expect(verdict).toEqual(theirs(received, mirrored));
          const kind = [verdict.era, verdict.kind].join(' ').trim();
          seen.set(kind, (seen.get(kind) ?? 0) + 1);
        }),
        { numRuns: RUNS },
      );
      // Otherwise the messages were not worth classifying.
      for (const kind of ['modern request', 'legacy request', 'legacy notification', 'rejected', 'response', 'batch']) {
        expect(seen.get(kind) ?? 0, kind).toBeGreaterThan(20);
      }
    },
  );

  it('hands over the message itself, not a copy', () => {
    const request = validRequest({ id: 1, method: 'tools/call', client: {}, more: {} });
    expect(classify(request)).toMatchObject({ kind: 'request', era: 'modern' });
    expect((classify(request) as { message: unknown }).message).toBe(request);
  });

  it('refuses what is nested more deeply than anything can follow', () => {
    const deep = JSON.parse('{"a":'.repeat(50_000) + '1' + '}'.repeat(50_000)) as Json;
    const more = { [CAPABILITIES]: { experimental: { deep } } };
    const request = validRequest({ id: 7, method: 'tools/call', client: {}, more });
    expect(ours(request, {})).toMatchObject({ kind: 'rejected', status: 400 });
  });
});
