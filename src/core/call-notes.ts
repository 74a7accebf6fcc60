import type { Call } from './call.js';

/** Something that an observer should know of a call and that its outcome doesn't say. */
export interface CallNote {
  /** `would_refuse`: let through, as the rule is only reported for now. */
  readonly kind: 'would_refuse';
  /** The rule that would have refused. */
  readonly rule: string;
  readonly reason: string;
}

const NONE: readonly CallNote[] = [];

/** What stages leave for observers to find at the end of a call. A call without notes costs nothing. */
export class CallNotes {
  readonly #notes = new WeakMap<Call, readonly CallNote[]>();

  add(call: Call, note: CallNote): void {
    this.#notes.set(call, [...this.of(call), note]);
  }

  /** In the order in which they were added. */
  of(call: Call): readonly CallNote[] {
    return this.#notes.get(call) ?? NONE;
  }
}
