import fc from 'fast-check';
import { MARK, answerRecipes } from './answers.js';
import type { CallRecipe } from './calls.js';
import { EVERYTHING, envelopeOf } from './envelope.js';
import { handles, type HandleKind } from './handle.js';
import type { Recipe } from './recipe.js';

/** Handles that belong to a principal. */
export const PERSONAL_HANDLES = ['cursor', 'requestState', 'taskId'] as const satisfies readonly HandleKind[];

/** What one of two principals does. */
export interface PersonalStep {
  readonly who: 0 | 1;
  /** Whether the handles in it are the other's. */
  readonly stolen: boolean;
  readonly recipe: Recipe;
  readonly rest: number;
}

const tool = (name: string, input: object): CallRecipe => ({
  method: 'tools/call',
  params: { name, arguments: input },
});
const word = `the ${MARK} word`;

/** Calls with a word of the caller's own in everything that is kept or comes back. */
const CALLS: readonly CallRecipe[] = [
  tool('whose', { word }),
  tool('greet', { name: word }),
  tool('test_elicitation', { message: word }),
  tool('test_sampling', { prompt: word }),
  tool('ask_twice', {}),
  tool('brief_task', { ms: 2, label: word }),
  tool('asking_task', {}),
  tool('confirm_delete', { filename: word }),
  tool('test_input_required_result_multi_round', {}),
  tool('test_tool_with_task', {}),
  { method: 'tools/list', params: {} },
  { method: 'resources/list', params: {} },
  { method: 'resources/read', params: { uri: `test://template/${MARK}/data` } },
  { method: 'prompts/get', params: { name: 'fuzz_prompt', arguments: { topic: word } } },
  {
    method: 'completion/complete',
    params: { ref: { type: 'ref/prompt', name: 'fuzz_prompt' }, argument: { name: 'topic', value: word } },
  },
];

const meta = envelopeOf(EVERYTHING);

/** What bearers of handles do with them: theirs, or stolen ones, which are never tampered with. */
function uses(): fc.Arbitrary<Recipe> {
  const handle = (kind: HandleKind): fc.Arbitrary<unknown> =>
    handles(kind).map((reference) => ({ ...reference, $handle: kind, tamper: 'none' }));
  const call = (method: string, name: string, kind: HandleKind, more: object = {}): fc.Arbitrary<Recipe> =>
    handle(kind).map((value) => ({ kind: 'request', call: { method, params: { [name]: value, ...more } }, meta }));
  const answers = fc.array(answerRecipes, { minLength: 1, maxLength: 3 });
  return fc.oneof(
    fc.record({
      kind: fc.constantFrom('continue', 'update'),
      pick: fc.nat(7),
      tamper: fc.constant('none'),
      answers,
      meta: fc.constant(meta),
    }) as fc.Arbitrary<Recipe>,
    call('tools/list', 'cursor', 'cursor'),
    call('resources/list', 'cursor', 'cursor'),
    call('tasks/get', 'taskId', 'taskId'),
    call('tasks/update', 'taskId', 'taskId', { inputResponses: {} }),
    call('tasks/cancel', 'taskId', 'taskId'),
    handle('taskId').map((taskId): Recipe => ({
      kind: 'request',
      call: { method: 'subscriptions/listen', params: { notifications: { taskIds: [taskId] } } },
      meta,
    })),
  );
}

/** What two principals do, side by side. */
export const personalSteps: fc.Arbitrary<readonly PersonalStep[]> = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: stepOf(fc.constantFrom(...CALLS).map((call) => ({ kind: 'request', call, meta }))) },
    {
      weight: 1,
      arbitrary: stepOf(fc.constantFrom(...CALLS).map((call) => ({ kind: 'request', call, meta: undefined }))),
    },
    { weight: 3, arbitrary: stepOf(uses()) },
    { weight: 1, arbitrary: stepOf(cancellations()) },
  ),
  { minLength: 4, maxLength: 40, size: 'max' },
);

function stepOf(recipe: fc.Arbitrary<Recipe>): fc.Arbitrary<PersonalStep> {
  return fc.record({ who: fc.constantFrom(0, 1), stolen: fc.boolean(), recipe, rest: fc.nat(6) });
}

function cancellations(): fc.Arbitrary<Recipe> {
  const params = fc.record({ requestId: handles('requestId') });
  return params.map((given) => ({ kind: 'notification', method: 'notifications/cancelled', params: given }));
}
