import type { Call, CallCheck, Target } from '../core/index.js';

/**
 * Takes a call one step further; `next` runs the stages below and may be called at most once. It may be given another
 * call to run them under: one that several callers share. Both return a value or a promise of it, and may throw.
 */
export type StageStep = (call: Call, next: (shared?: Call) => unknown) => unknown;

/** A stage that decides about a call, or gets it ready, before the stages below; it does nothing behind them. */
export interface Check {
  readonly check: CallCheck;
}

/**
 * One stage of the pipeline, made ready for one target when it is first called. `undefined` says that the stage has
 * nothing to do for this target, so its calls don't pay for it.
 */
export type Stage = (target: Target) => StageStep | Check | undefined;

/** What is left of the way of a call: a value or a promise of it; may throw. */
export type Rest = (call: Call) => unknown;

/** Joins stages, top to bottom, around what the target runs. Computed once a target, walked once a call. */
export function compose(target: Target, stages: readonly Stage[], run: Rest): Rest {
  return stages.reduceRight<Rest>((inner, stage) => {
    const made = stage(target);
    if (made === undefined) return inner;
    return typeof made === 'function' ? around(made, inner) : behind(made, inner);
  }, run);
}

function around(step: StageStep, inner: Rest): Rest {
  return (call) => step(call, (shared = call) => goOn(shared, inner));
}

function behind({ check }: Check, inner: Rest): Rest {
  return (call) => {
    const checked = check(call);
    return checked === undefined ? inner(call) : checked.then(() => goOn(call, inner));
  };
}

/**
 * A call that ended while a stage waited goes no further: a breaker would take its end for the target's, and it would run
 * for nobody.
 */
function goOn(call: Call, inner: Rest): unknown {
  if (call.aborted) throw call.signal.reason;
  return inner(call);
}
