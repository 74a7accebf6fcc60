import { isSpecType } from '@modelcontextprotocol/server';
import { isObject, type AskRequest } from '../../core/index.js';
import { formContent } from './form-answer.js';

/** What a client answered, when it is an answer to the question; `undefined` asks again. */
export function acceptableAnswer({ kind, params }: AskRequest, answer: unknown): unknown {
  if (!isObject(answer)) return undefined;
  if (kind === 'roots') return isSpecType.ListRootsResult(answer) ? answer : undefined;
  if (kind === 'sampling') return isSpecType.CreateMessageResultWithTools(answer) ? answer : undefined;
  const { action, content } = answer;
  if (action === 'decline' || action === 'cancel') return { action };
  if (action !== 'accept') return undefined;
  if (params?.['mode'] === 'url') return { action };
  const form = formContent(params?.['requestedSchema'], content);
  return form && { action, content: form };
}
