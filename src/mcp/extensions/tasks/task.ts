import type { Params } from '../../wire.js';

/** The name under which both sides declare the extension (SEP-2663). */
export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks';

/** Where a task stands. The last three are final. */
export type TaskStatus = 'working' | 'input_required' | 'completed' | 'cancelled' | 'failed';

/** What is known of a task; JSON, so that any store can keep it. */
export interface TaskRecord {
  readonly taskId: string;
  /** Whose task it is: the key of its principal. */
  readonly principal: string;
  readonly tool: string;
  readonly status: TaskStatus;
  readonly statusMessage?: string | undefined;
  /** ISO 8601. */
  readonly createdAt: string;
  /** ISO 8601. */
  readonly lastUpdatedAt: string;
  readonly ttlMs: number;
  readonly pollIntervalMs: number;
  /** What the client is asked, while `input_required`. */
  readonly inputRequests?: Params | undefined;
  /** What the client has answered so far, by the keys of the questions, for the process that asked; gone at the end. */
  readonly answers?: Params | undefined;
  /** The serialised result, once `completed`. */
  readonly result?: string | undefined;
  /** The JSON-RPC error, once `failed`. */
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown } | undefined;
}

/** Whether a task has come to its end. */
export function isFinal({ status }: TaskRecord): boolean {
  return status === 'completed' || status === 'cancelled' || status === 'failed';
}

/** The members of a task as clients see it, serialised without braces; with what its status adds. */
export function taskMembers(task: TaskRecord, detailed: boolean): string {
  const { principal: _principal, tool: _tool, answers: _answers, result, error, inputRequests, ...shown } = task;
  const details = detailed ? { inputRequests, error } : {};
  const members = JSON.stringify({ ...shown, ...details }).slice(1, -1);
  return detailed && result !== undefined ? `${members},"result":${result}` : members;
}
