import fc from 'fast-check';
import { isObject } from '../../../src/core/index.js';
import { mutated, mutations, type Mutation } from './mutate.js';

/** Stands for a word that only its client says; see `Channel`. */
export const MARK = '§';

/** How a client answers when it is asked. */
export type AnswerRecipe =
  | { readonly kind: 'right' | 'decline' | 'cancel' | 'late' | 'error' | 'twice' }
  | { readonly kind: 'spoiled'; readonly mutation: Mutation };

/** A question as the server sends it. */
export interface Question {
  readonly method: string;
  readonly params?: Readonly<Record<string, unknown>> | undefined;
}

/** How a client may answer; most answers are right. */
export const answerRecipes: fc.Arbitrary<AnswerRecipe> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('right' as const) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('decline', 'cancel', 'late', 'error', 'twice') }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('spoiled' as const), mutation: mutations }) },
);

/** What the client says. */
export function answerTo(question: Question, recipe: AnswerRecipe): unknown {
  if (recipe.kind === 'decline' || recipe.kind === 'cancel') return { action: recipe.kind };
  const right = rightAnswer(question);
  return recipe.kind === 'spoiled' ? mutated(right, recipe.mutation) : right;
}

/** An answer as the question wants it. */
export function rightAnswer({ method, params }: Question): unknown {
  if (method === 'roots/list') return { roots: [{ uri: 'file:///home', name: 'home' }] };
  if (method === 'sampling/createMessage') {
    return { role: 'assistant', model: 'model', content: { type: 'text', text: MARK }, stopReason: 'endTurn' };
  }
  if (params?.['mode'] === 'url') return { action: 'accept' };
  const schema = params?.['requestedSchema'];
  const properties = isObject(schema) && isObject(schema['properties']) ? schema['properties'] : {};
  const content = Object.entries(properties).map(([name, property]) => [name, filled(property)] as const);
  return { action: 'accept', content: Object.fromEntries(content) };
}

/** A value for one field of a form. */
function filled(property: unknown): unknown {
  if (!isObject(property)) return MARK;
  const choices = property['enum'] ?? property['oneOf'] ?? property['anyOf'];
  if (Array.isArray(choices)) {
    const [first] = choices as unknown[];
    return isObject(first) ? first['const'] : first;
  }
  switch (property['type']) {
    case 'boolean':
      return true;
    case 'integer':
    case 'number':
      return typeof property['minimum'] === 'number' ? property['minimum'] : 1;
    case 'array':
      return [filled(property['items'])];
    default:
      return MARK.padEnd(Number(property['minLength'] ?? 0), '.');
  }
}
