import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isObject } from '../../src/core/index.js';
import { RookeryServer } from '../../src/index.js';
import { legacyCalls, type CallRecipe } from '../fuzz/generate/calls.js';
import { catalogOf, type Catalog } from '../fuzz/generate/catalog.js';
import { legacyMeta } from '../fuzz/generate/envelope.js';
import { tampered, type HandleRef } from '../fuzz/generate/handle.js';
import { mutated, mutations, type Mutation } from '../fuzz/generate/mutate.js';
import { ADAPTER_DIFFERENCES } from './adapter-differences.js';
import { AdapterPeer, type AdapterOutcome } from './support/adapter-peer.js';

const RUNS = 1_500;
const SEED = 20_251_125;
/** Tools that take a second, or whose answers differ by what the list of differences says. */
const LEFT_OUT = ['failing_job', 'unknown_member', 'not_base64'];

/** A request as it is generated: cursors are filled in, and then one thing may be spoiled. */
interface Recipe {
  readonly call: CallRecipe;
  readonly meta: object | undefined;
  readonly mutation: Mutation | undefined;
}

function recipes(catalog: Catalog): fc.Arbitrary<Recipe> {
  const whole = fc.constant(undefined);
  return fc.record({
    call: legacyCalls(catalog),
    meta: legacyMeta,
    mutation: fc.oneof({ weight: 3, arbitrary: whole }, { weight: 1, arbitrary: mutations }),
  });
}

function messageOf({ call: { method, params }, meta, mutation }: Recipe, id: number, peer: AdapterPeer): unknown {
  const given = { ...params, ...(meta !== undefined && { _meta: meta }) };
  const message = { jsonrpc: '2.0', id, method, params: filled(given, peer) };
  return mutation === undefined ? message : mutated(message, mutation);
}

/** Puts cursors that a server gave where the generator wants them. */
function filled(value: unknown, peer: AdapterPeer): unknown {
  if (Array.isArray(value)) return value.map((entry) => filled(entry, peer));
  if (!isObject(value)) return value;
  if ('$handle' in value) {
    const { $handle, pick, tamper } = value as unknown as HandleRef;
    return tampered($handle === 'cursor' ? peer.cursor(pick) : `${$handle} ${pick}`, tamper, pick);
  }
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, filled(member, peer)]));
}

function isExplained(message: unknown, native: AdapterOutcome, sdk: AdapterOutcome): boolean {
  return ADAPTER_DIFFERENCES.some(({ explains }) => explains?.(message, native, sdk) === true);
}

describe('both adapters', () => {
  let native: AdapterPeer;
  let sdk: AdapterPeer;

  beforeAll(async () => {
    [native, sdk] = await Promise.all([AdapterPeer.start('native'), AdapterPeer.start('sdk')]);
  });
  afterAll(() => Promise.all([native.close(), sdk.close()]));

  it('give equal results and errors, but for the listed differences', { timeout: 120_000 }, async () => {
    const catalog = catalogOf(native.server.app.get(RookeryServer));
    const tools = catalog.tools.filter(({ name }) => !LEFT_OUT.includes(name));
    let id = 0;
    const property = fc.asyncProperty(recipes({ ...catalog, tools }), async (recipe) => {
      id++;
      const message = messageOf(recipe, id, native);
      const outcomes = await Promise.all([native.ask(message), sdk.ask(messageOf(recipe, id, sdk))]);
      if (isDeepStrictEqual(...outcomes)) return [native, sdk].forEach((peer) => peer.keepCursor());
      if (!isExplained(message, ...outcomes)) expect(outcomes[1]).toEqual(outcomes[0]);
      // What only one of them has taken may have changed its session.
      await Promise.all([native.begin(), sdk.begin()]);
    });
    await expect(fc.assert(property, { numRuns: RUNS, seed: SEED })).resolves.toBeUndefined();
  });

  const cases = ADAPTER_DIFFERENCES.map((difference) => [difference.what, difference] as const);
  it.each(cases)('differ in %s', async (_what, { show, ...expected }) => {
    expect({ native: await show(native), sdk: await show(sdk) }).toMatchObject({
      native: expected.native,
      sdk: expected.sdk,
    });
  });
});
