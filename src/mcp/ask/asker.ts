import type { AskRequest, Call, Outcome } from '../../core/index.js';

/** How questions of one call reach its client. */
export abstract class Asker {
  /** Resolves with an acceptable answer. */
  abstract ask(call: Call, key: string, request: AskRequest): Promise<unknown>;
  abstract once<T>(call: Call, key: string, effect: () => T | Promise<T>): Promise<T>;
  /** The call has ended; may replace its outcome. */
  abstract ended(call: Call, outcome: Outcome): Promise<Outcome>;
}
