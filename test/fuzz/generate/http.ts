import fc from 'fast-check';
import { handles, type HandleRef } from './handle.js';
import { texts } from './json.js';
import { legacyRecipes, modernRecipes, type Recipe } from './recipe.js';
import type { Catalog } from './catalog.js';

/** One thing done to the headers of a request. */
export interface Forgery {
  readonly op: 'set' | 'drop' | 'double' | 'shout';
  readonly name: string;
  readonly value: string;
}

/** One HTTP request. */
export type HttpStep = (
  | { readonly kind: 'modern' | 'legacy'; readonly recipe: Recipe }
  | { readonly kind: 'get'; readonly last?: HandleRef }
  | { readonly kind: 'delete' }
  | { readonly kind: 'text'; readonly text: string }
) & {
  /** Which of the client's connections it goes on. */
  readonly lane: number;
  /** Which session it belongs to, where it belongs to one. */
  readonly session: HandleRef;
  readonly forgeries: readonly Forgery[];
  readonly framing: 'length' | 'chunked' | 'pieces';
  /** Whether its client goes before the answer is whole. */
  readonly leaves: boolean;
};

const NAMES = [
  'host',
  'origin',
  'accept',
  'content-type',
  'content-encoding',
  'mcp-protocol-version',
  'mcp-method',
  'mcp-name',
  'mcp-session-id',
  'mcp-param-region',
  'mcp-param-level',
  'last-event-id',
  'authorization',
  'expect',
  'upgrade',
  'cookie',
  'x-forwarded-for',
];

const VALUES = [
  '*/*',
  'application/json',
  'text/event-stream',
  'application/json, text/event-stream',
  'application/json; charset=utf-16',
  'text/plain',
  'gzip',
  '2026-07-28',
  '2025-11-25',
  '2025-03-26',
  '2024-11-05',
  'tools/call',
  'localhost',
  'evil.example.com',
  'http://evil.example.com',
  'http://localhost:3000',
  'null',
  '100-continue',
  'websocket',
  '=?base64?dGVzdA==?=',
];

/** Names and values that leave the framing of the request as it is. */
const forgeries: fc.Arbitrary<Forgery> = fc.record({
  op: fc.constantFrom('set', 'drop', 'double', 'shout'),
  name: fc.constantFrom(...NAMES),
  value: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(...VALUES) },
    { weight: 1, arbitrary: texts.map((text) => text.replaceAll(/[\r\n\0]/g, '').slice(0, 1_000)) },
  ),
});

/** Requests to the endpoint: most well-formed HTTP with the right headers, whatever they carry. */
export function httpSteps(catalog: Catalog): fc.Arbitrary<HttpStep> {
  const common = {
    lane: fc.nat(2),
    session: handles('sessionId'),
    forgeries: fc.oneof({ weight: 5, arbitrary: fc.constant([]) }, fc.array(forgeries, { minLength: 1, maxLength: 2 })),
    framing: fc.oneof({ weight: 6, arbitrary: fc.constant('length') }, fc.constantFrom('chunked', 'pieces')),
    leaves: fc.oneof({ weight: 15, arbitrary: fc.constant(false) }, fc.constant(true)),
  };
  const last = handles('eventId');
  return fc.oneof(
    { weight: 12, arbitrary: fc.record({ kind: fc.constant('modern'), recipe: modernRecipes(catalog), ...common }) },
    { weight: 12, arbitrary: fc.record({ kind: fc.constant('legacy'), recipe: legacyRecipes(catalog), ...common }) },
    {
      weight: 2,
      arbitrary: fc.record(
        { kind: fc.constant('get'), last, ...common },
        { requiredKeys: ['kind', ...keysOf(common)] },
      ),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete'), ...common }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('text'), text: texts, ...common }) },
  ) as fc.Arbitrary<HttpStep>;
}

function keysOf<T extends object>(object: T): (keyof T)[] {
  return Object.keys(object) as (keyof T)[];
}
