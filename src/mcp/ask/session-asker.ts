import { randomUUID } from 'node:crypto';
import { ToolError, type AskRequest, type Call, type Outcome } from '../../core/index.js';
import type { Params } from '../wire.js';
import { acceptableAnswer } from './answer.js';
import { wireRequest } from './ask-request.js';
import { Asker } from './asker.js';

/** How often a client is asked again that answers something else. */
const ATTEMPTS = 3;

/** Asks a client of the 2025 era by a request of our own, while the call waits. */
export class SessionAsker extends Asker {
  constructor(
    private readonly request: (method: string, params: Params | undefined, signal: AbortSignal) => Promise<unknown>,
  ) {
    super();
  }

  override async ask(call: Call, _key: string, request: AskRequest): Promise<unknown> {
    const { method, params } = wireRequest(request);
    const sent = params?.['mode'] === 'url' ? { ...params, elicitationId: randomUUID() } : params;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const answer = acceptableAnswer(request, await this.request(method, sent, call.signal));
      if (answer !== undefined) return answer;
    }
    throw new ToolError(`The client's answers to ${method} do not have the form that was asked for.`);
  }

  override async once<T>(_call: Call, _key: string, effect: () => T | Promise<T>): Promise<T> {
    return effect();
  }

  override ended(_call: Call, outcome: Outcome): Promise<Outcome> {
    return Promise.resolve(outcome);
  }
}
