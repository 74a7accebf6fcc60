import { AsyncLocalStorage } from 'node:async_hooks';
import type { Call } from './call.js';

/** What is around a piece of asynchronous work. */
export interface ActiveScope {
  readonly call?: Call | undefined;
  /** The trace context of whoever traces, which nobody else looks into. */
  readonly trace?: unknown;
}

/**
 * Which call a piece of code runs for, however deep and however late: for log lines, outbound requests and spans,
 * which are made far from the handler's second argument.
 *
 * There is one `AsyncLocalStorage` for all of this, as each costs every call.
 */
export class ActiveCall {
  readonly #storage = new AsyncLocalStorage<ActiveScope>();

  /** The call that is being served here; `undefined` outside of calls. */
  get current(): Call | undefined {
    return this.#storage.getStore()?.call;
  }

  /** All that is around this code. */
  get scope(): ActiveScope | undefined {
    return this.#storage.getStore();
  }

  /** Runs `work`, and everything it begins, inside this scope. */
  run<T>(scope: ActiveScope, work: () => T): T {
    return this.#storage.run(scope, work);
  }
}
