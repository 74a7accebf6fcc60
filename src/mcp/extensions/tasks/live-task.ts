import { CancelledError, type AskRequest, type Call } from '../../../core/index.js';
import { wireRequest } from '../../ask/ask-request.js';
import { waiting } from './task-answers.js';
import type { TaskChange } from './task-store.js';
import { isFinal, type TaskRecord } from './task.js';

interface Pending {
  readonly request: AskRequest;
  readonly resolve: (answer: unknown) => void;
}

/**
 * A task whose handler runs in this process. The store knows what becomes of it: questions and reports go there one
 * after the other, answers and a cancellation come from there, whichever process they reached.
 */
export class LiveTask {
  readonly #pending = new Map<string, Pending>();
  readonly #asked = new Set<string>();
  #message: string | undefined;
  #unsaved = false;
  #saving = false;
  #over = false;

  /** @param save - changes the task in the store; rejects when the store is away */
  constructor(
    readonly taskId: string,
    readonly call: Call,
    private readonly save: (change: TaskChange) => Promise<TaskRecord | undefined>,
  ) {}

  /** Whether its handler waits for what its client was asked. */
  get waiting(): boolean {
    return this.#pending.size > 0;
  }

  /** Waits for the client's answer; a key is used once in the life of a task, as the extension demands. */
  ask(key: string, request: AskRequest): Promise<unknown> {
    let unique = key;
    for (let again = 2; this.#asked.has(unique); again++) unique = `${key}_${again}`;
    this.#asked.add(unique);
    return new Promise((resolve, reject) => {
      const { signal } = this.call;
      const refuse = (): void => reject(signal.reason as Error);
      if (signal.aborted) return refuse();
      signal.addEventListener('abort', refuse, { once: true });
      const answered = (answer: unknown): void => {
        signal.removeEventListener('abort', refuse);
        resolve(answer);
      };
      this.#pending.set(unique, { request, resolve: answered });
      this.#announce();
    });
  }

  /** A word on how far it is; of many at once the last is kept. */
  report(message: string): void {
    this.#message = message;
    this.#announce();
  }

  /** Takes from the store's record what its client did: answers, and the end. */
  see(record: TaskRecord): void {
    if (this.#over) return;
    if (isFinal(record)) return this.call.abort(new CancelledError(reasonOf(record)));
    const { answers = {} } = record;
    for (const [key, { resolve }] of this.#pending) {
      if (!Object.hasOwn(answers, key)) continue;
      this.#pending.delete(key);
      resolve(answers[key]);
    }
  }

  /** Brings to the store what it could not take before. */
  retry(): void {
    if (this.#unsaved) this.#announce();
  }

  /** The handler has ended: nothing more is announced or heard. */
  end(): void {
    this.#over = true;
  }

  #announce(): void {
    this.#unsaved = true;
    if (!this.#saving) void this.#saveAll();
  }

  async #saveAll(): Promise<void> {
    this.#saving = true;
    try {
      while (this.#unsaved && !this.#over) {
        this.#unsaved = false;
        const record = await this.save((task) => (this.#over ? undefined : this.#change(task)));
        if (record !== undefined) this.see(record);
      }
    } catch {
      // Logged by who saves; the keeper tries again.
      this.#unsaved = true;
    } finally {
      this.#saving = false;
    }
  }

  #change({ answers = {} }: TaskRecord): Partial<TaskRecord> {
    const open = [...this.#pending].filter(([key]) => !Object.hasOwn(answers, key));
    const questions = open.map(([key, { request }]) => [key, wireRequest(request)] as const);
    return { ...waiting(questions), ...(this.#message !== undefined && { statusMessage: this.#message }) };
  }
}

function reasonOf({ status, error }: TaskRecord): string {
  return status === 'failed' && error !== undefined ? error.message : 'The task was cancelled.';
}
