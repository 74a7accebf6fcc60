import { acceptableAnswer } from '../../ask/answer.js';
import { askRequest, type WireRequest } from '../../ask/ask-request.js';
import type { Params } from '../../wire.js';
import type { TaskRecord } from './task.js';

/**
 * A task with the answers that its client gives, whichever process they reach: the first answer to a question is the
 * answer. What was not asked, or is no answer, is left aside; `undefined` when nothing else was given.
 */
export function answered({ inputRequests, answers }: TaskRecord, given: Params): Partial<TaskRecord> | undefined {
  const open = Object.entries(inputRequests ?? {}) as [string, WireRequest][];
  const accepted = new Map<string, unknown>();
  for (const [key, request] of open) {
    const question = askRequest(request);
    const answer = question && Object.hasOwn(given, key) ? acceptableAnswer(question, given[key]) : undefined;
    if (answer !== undefined) accepted.set(key, answer);
  }
  if (accepted.size === 0) return undefined;
  const left = open.filter(([key]) => !accepted.has(key));
  return { ...waiting(left), answers: { ...answers, ...Object.fromEntries(accepted) } };
}

/** A task that waits for the answers to these questions; one that works when there are none. */
export function waiting(questions: readonly (readonly [string, WireRequest])[]): Partial<TaskRecord> {
  if (questions.length === 0) return { status: 'working', inputRequests: undefined };
  return { status: 'input_required', inputRequests: Object.fromEntries(questions) };
}
