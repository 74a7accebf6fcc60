import fc from 'fast-check';
import { answerRecipes, type AnswerRecipe } from './answers.js';
import { initializes, legacyCalls, modernCalls, type CallRecipe } from './calls.js';
import type { Catalog } from './catalog.js';
import { envelopes, legacyMeta } from './envelope.js';
import { handles, tampers, type Tamper } from './handle.js';
import { texts, values } from './json.js';
import { mutations, type Mutation } from './mutate.js';

/** One message to be sent, as far as it can be told beforehand. */
export type Recipe = (
  | { readonly kind: 'request'; readonly call: CallRecipe; readonly meta: object | undefined }
  /** The next round of a call that asked its client something. */
  | {
      readonly kind: 'continue' | 'update';
      readonly pick: number;
      readonly tamper: Tamper;
      readonly answers: readonly AnswerRecipe[];
      readonly meta: object;
    }
  | { readonly kind: 'notification'; readonly method: string; readonly params: object | undefined }
  | { readonly kind: 'response'; readonly id: unknown; readonly body: object }
  | { readonly kind: 'batch'; readonly entries: readonly Recipe[] }
  | { readonly kind: 'value'; readonly value: unknown }
) & { readonly mutation?: Mutation | undefined };

/** Messages to a channel that serves both eras. */
export function recipes(catalog: Catalog): fc.Arbitrary<Recipe> {
  const single = spoilable(singles(catalog));
  return fc.oneof(
    { weight: 40, arbitrary: single },
    {
      weight: 1,
      arbitrary: fc.array(single, { maxLength: 6 }).map((entries) => ({ kind: 'batch', entries }) as const),
    },
    { weight: 2, arbitrary: values.map((value) => ({ kind: 'value', value }) as const) },
  );
}

/** Messages of the 2026 era alone. */
export function modernRecipes(catalog: Catalog): fc.Arbitrary<Recipe> {
  return spoilable(fc.oneof({ weight: 5, arbitrary: modern(catalog) }, { weight: 2, arbitrary: rounds }));
}

/** Messages within a session of the 2025 era. */
export function legacyRecipes(catalog: Catalog): fc.Arbitrary<Recipe> {
  const single = spoilable(fc.oneof({ weight: 6, arbitrary: legacy(catalog) }, { weight: 2, arbitrary: others }));
  return fc.oneof(
    { weight: 15, arbitrary: single },
    {
      weight: 1,
      arbitrary: fc.array(single, { maxLength: 6 }).map((entries) => ({ kind: 'batch', entries }) as const),
    },
  );
}

function singles(catalog: Catalog): fc.Arbitrary<Recipe> {
  return fc.oneof(
    { weight: 10, arbitrary: modern(catalog) },
    { weight: 4, arbitrary: rounds },
    { weight: 10, arbitrary: legacy(catalog) },
    { weight: 1, arbitrary: request(initializes) },
    { weight: 3, arbitrary: others },
  );
}

const modern = (catalog: Catalog): fc.Arbitrary<Recipe> => request(modernCalls(catalog), envelopes);
const legacy = (catalog: Catalog): fc.Arbitrary<Recipe> => request(legacyCalls(catalog), legacyMeta);

function request(calls: fc.Arbitrary<CallRecipe>, metas?: fc.Arbitrary<object | undefined>): fc.Arbitrary<Recipe> {
  return fc.record({ kind: fc.constant('request'), call: calls, meta: metas ?? fc.constant(undefined) });
}

const rounds: fc.Arbitrary<Recipe> = fc.record({
  kind: fc.constantFrom('continue', 'update'),
  pick: fc.nat(15),
  tamper: tampers,
  answers: fc.array(answerRecipes, { minLength: 1, maxLength: 3 }),
  meta: envelopes,
});

const notifications: fc.Arbitrary<Recipe> = fc.record({
  kind: fc.constant('notification'),
  method: fc.oneof(
    fc.constantFrom('notifications/initialized', 'notifications/progress', 'notifications/roots/list_changed'),
    texts,
  ),
  params: fc.constantFrom(undefined, {}, { progressToken: 1, progress: 1 }),
});

const cancellations: fc.Arbitrary<Recipe> = fc.record({
  kind: fc.constant('notification'),
  method: fc.constant('notifications/cancelled'),
  params: fc.record({ requestId: handles('requestId'), reason: texts }, { requiredKeys: ['requestId'] }),
});

const responses: fc.Arbitrary<Recipe> = fc.record({
  kind: fc.constant('response'),
  id: fc.oneof(fc.integer({ min: 1, max: 5 }), texts),
  body: fc.oneof(
    fc.record({ result: fc.dictionary(texts, values, { maxKeys: 2 }) }),
    fc.record({ error: fc.record({ code: fc.integer(), message: texts }) }),
  ),
});

const others: fc.Arbitrary<Recipe> = fc.oneof(
  { weight: 2, arbitrary: cancellations },
  { weight: 1, arbitrary: notifications },
  { weight: 1, arbitrary: responses },
);

/** Most as they should be, the rest with one thing wrong. */
function spoilable(whole: fc.Arbitrary<Recipe>): fc.Arbitrary<Recipe> {
  return fc.oneof(
    { weight: 7, arbitrary: whole },
    { weight: 3, arbitrary: fc.tuple(whole, mutations).map(([recipe, mutation]) => ({ ...recipe, mutation })) },
  );
}
