import { type AskRequest, type Call } from '../../../core/index.js';
import { acceptableAnswer } from '../../ask/answer.js';
import { wireRequest } from '../../ask/ask-request.js';
import type { Params } from '../../wire.js';

interface Pending {
  readonly request: AskRequest;
  readonly resolve: (answer: unknown) => void;
}

/** A task whose handler runs in this process: what it waits for, and how it is told. */
export class LiveTask {
  readonly #pending = new Map<string, Pending>();
  readonly #asked = new Set<string>();

  constructor(
    readonly taskId: string,
    readonly call: Call,
    private readonly changed: (inputRequests: Params | undefined) => void,
  ) {}

  /** Waits for the client's answer; a key is used once in the life of a task, as the extension demands. */
  ask(key: string, request: AskRequest): Promise<unknown> {
    let unique = key;
    for (let again = 2; this.#asked.has(unique); again++) unique = `${key}_${again}`;
    this.#asked.add(unique);
    return new Promise((resolve, reject) => {
      this.#pending.set(unique, { request, resolve });
      this.call.signal.addEventListener('abort', () => reject(this.call.signal.reason as Error), { once: true });
      this.#announce();
    });
  }

  /** Takes answers; what was not asked, or is no answer, is left aside. */
  answer(responses: Params): void {
    let accepted = false;
    for (const [key, { request, resolve }] of this.#pending) {
      const answer = Object.hasOwn(responses, key) ? acceptableAnswer(request, responses[key]) : undefined;
      if (answer === undefined) continue;
      this.#pending.delete(key);
      resolve(answer);
      accepted = true;
    }
    if (accepted) this.#announce();
  }

  #announce(): void {
    const requests = [...this.#pending].map(([key, { request }]) => [key, wireRequest(request)] as const);
    this.changed(requests.length === 0 ? undefined : Object.fromEntries(requests));
  }
}
