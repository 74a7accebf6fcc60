import { isObject } from '../../../src/core/index.js';
import type { RequestId } from '../../../src/mcp/wire.js';
import { answerTo } from '../generate/answers.js';
import { tampered, type HandleRef } from '../generate/handle.js';
import { mutated } from '../generate/mutate.js';
import type { Recipe } from '../generate/recipe.js';
import type { KnownHandles } from './known-handles.js';

const HANDLE_KINDS: readonly unknown[] = [
  'cursor',
  'requestState',
  'taskId',
  'sessionId',
  'eventId',
  'requestId',
  'token',
];

/** What a recipe needs to know to become a message. */
export interface Surroundings {
  readonly known: KnownHandles;
  /** An id that was not used before. */
  nextId(): RequestId;
  /** The id of a request that is not answered yet. */
  openId(pick: number): RequestId | undefined;
}

/** The message that a recipe describes, here and now. */
export function assemble(recipe: Recipe, around: Surroundings): unknown {
  const message = outlined(recipe, around);
  const spoiled = recipe.mutation === undefined ? message : mutated(message, recipe.mutation);
  return filledIn(spoiled, around);
}

function outlined(recipe: Recipe, around: Surroundings): unknown {
  switch (recipe.kind) {
    case 'request': {
      const { method, params } = recipe.call;
      return withMeta({ jsonrpc: '2.0', id: around.nextId(), method }, params, recipe.meta);
    }
    case 'notification':
      return { jsonrpc: '2.0', method: recipe.method, ...(recipe.params && { params: recipe.params }) };
    case 'response':
      return { jsonrpc: '2.0', id: recipe.id, ...recipe.body };
    case 'batch':
      return recipe.entries.map((entry) => assemble(entry, around));
    case 'value':
      return recipe.value;
    default:
      return nextRound(recipe, around);
  }
}

/** The call again with answers to what it asked; a list, when nothing was asked yet. */
function nextRound(
  { kind, pick, tamper, answers, meta }: Recipe & { kind: 'continue' | 'update' },
  around: Surroundings,
) {
  const head = { jsonrpc: '2.0', id: around.nextId() };
  const asked = around.known.pickAsked(kind, pick);
  if (asked === undefined) return withMeta({ ...head, method: 'tools/list' }, {}, meta);
  const given = Object.entries(asked.questions).flatMap(([key, question], index) => {
    const answer = answers[index % answers.length];
    return answer === undefined || answer.kind === 'late' ? [] : [[key, answerTo(question, answer)] as const];
  });
  const inputResponses = Object.fromEntries(given);
  const handle = tampered(asked.handle, tamper, pick);
  if (kind === 'update') return withMeta({ ...head, method: 'tasks/update' }, { taskId: handle, inputResponses }, meta);
  const { method, params } = asked.request;
  return withMeta({ ...head, method }, { ...params, requestState: handle, inputResponses }, meta);
}

function withMeta(head: object, params: object | undefined, meta: object | undefined): object {
  if (params === undefined && meta === undefined) return head;
  return { ...head, params: { ...params, ...(meta !== undefined && { _meta: meta }) } };
}

/** The value with each {@link HandleRef} replaced by what it stands for. */
function filledIn(value: unknown, around: Surroundings): unknown {
  if (Array.isArray(value)) return value.map((entry) => filledIn(entry, around));
  if (!isObject(value)) return value;
  if (isHandleRef(value)) return handleOf(value, around);
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, filledIn(entry, around)]));
}

/** A mutation may have made something else of it, which then goes out as it is. */
function isHandleRef(value: Readonly<Record<string, unknown>>): value is Readonly<Record<string, unknown>> & HandleRef {
  return HANDLE_KINDS.includes(value['$handle']) && typeof value['pick'] === 'number' && 'tamper' in value;
}

function handleOf(reference: HandleRef, around: Surroundings): unknown {
  if (reference.$handle === 'token') return around.nextId();
  if (reference.$handle === 'requestId') return around.openId(reference.pick) ?? reference.pick;
  return around.known.resolve(reference);
}
