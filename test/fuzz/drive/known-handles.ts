import { isObject } from '../../../src/core/index.js';
import type { RequestId } from '../../../src/mcp/wire.js';
import type { Question } from '../generate/answers.js';
import { tampered, type HandleKind, type HandleRef } from '../generate/handle.js';

/** How many of a kind are remembered: the latest. */
const KEPT = 32;

/** A request as it was sent. */
export interface SentRequest {
  readonly id: RequestId;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** A call that asked its client something, in a result or as a task. */
export interface Asked {
  readonly request: SentRequest;
  /** Its `requestState` or its task's id. */
  readonly handle: string;
  readonly questions: Readonly<Record<string, Question>>;
}

/** What a client has learned from the answers it got: the handles that it can bring back. */
export class KnownHandles {
  readonly #known: Record<HandleKind, string[]> = {
    cursor: [],
    requestState: [],
    taskId: [],
    sessionId: [],
    eventId: [],
  };
  readonly #asked: Record<'continue' | 'update', Asked[]> = { continue: [], update: [] };

  learn(kind: HandleKind, value: unknown): void {
    if (typeof value === 'string') keep(this.#known[kind], value);
  }

  /** Takes what a result tells. */
  learnFrom(request: SentRequest, result: Readonly<Record<string, unknown>>): void {
    const { nextCursor, requestState, taskId, inputRequests } = result;
    this.learn('cursor', nextCursor);
    this.learn('requestState', requestState);
    this.learn('taskId', taskId);
    if (!isObject(inputRequests)) return;
    const questions = inputRequests as Readonly<Record<string, Question>>;
    if (typeof requestState === 'string') keep(this.#asked.continue, { request, handle: requestState, questions });
    else if (typeof taskId === 'string') keep(this.#asked.update, { request, handle: taskId, questions });
  }

  /** One of those known, made-up when there is none. */
  pick(kind: HandleKind, index: number): string {
    const known = this.#known[kind];
    return known[index % known.length] ?? `made-up-${index}`;
  }

  /** What a reference stands for. */
  resolve({ $handle: kind, pick, tamper }: HandleRef): unknown {
    return tampered(this.pick(kind as HandleKind, pick), tamper, pick);
  }

  /** All of them. */
  all(): readonly string[] {
    return Object.values(this.#known).flat();
  }

  /** One of the calls that asked something. */
  pickAsked(kind: 'continue' | 'update', index: number): Asked | undefined {
    const known = this.#asked[kind];
    return known[index % known.length];
  }
}

function keep<T>(list: T[], value: T): void {
  list.push(value);
  if (list.length > KEPT) list.shift();
}
