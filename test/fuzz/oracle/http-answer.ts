import { isObject } from '../../../src/core/index.js';
import type { Received } from '../drive/http-wire.js';
import { DOCUMENTED_STATUSES, OUTSIDE_STATUSES } from './documented-statuses.js';
import { show } from './show.js';

/** Errors that have a status of their own, so that they never come with 200. */
const NEVER_OK = [-32700, -32020, -32022, -32000];

/** What is wrong with a whole response as HTTP, whatever its messages say. */
export function httpProblem(received: Received, mayBeOutside: boolean): string | undefined {
  const { status, headers, body, problem } = received;
  if (problem !== undefined) return `no HTTP: ${problem}`;
  if (mayBeOutside && OUTSIDE_STATUSES.includes(status) && !body.includes('"jsonrpc"')) return undefined;
  const documented = DOCUMENTED_STATUSES[status];
  if (documented === undefined) return `the undocumented status ${status}: ${show(body)}`;
  if (documented.codes === undefined) return body === '' ? undefined : `a body with ${status}: ${show(body)}`;
  if (isEventStream(received)) return status === 200 ? undefined : `an event stream with ${status}`;
  if (headers.get('content-type') !== 'application/json') return `${status} with ${headers.get('content-type')}`;
  const answers = [parsed(body)].flat();
  if (documented.codes === 'answer') {
    return answers.some((answer) => NEVER_OK.includes(Number(codeOf(answer)))) ? `200 for ${show(body)}` : undefined;
  }
  const [answer] = answers;
  return documented.codes.includes(Number(codeOf(answer))) ? undefined : `${status} for ${show(body)}`;
}

/** Whether a response is a stream of events. */
export function isEventStream({ headers }: Received): boolean {
  return headers.get('content-type') === 'text/event-stream';
}

/** Whether a response refuses a message without having looked at the requests in it. */
export function refusesUnread({ status, body }: Received): boolean {
  const [answer] = [parsed(body)].flat();
  return status >= 400 && (codeOf(answer) === -32000 || codeOf(answer) === -32700 || codeOf(answer) === undefined);
}

function codeOf(answer: unknown): unknown {
  return isObject(answer) && isObject(answer['error']) ? answer['error']['code'] : undefined;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
