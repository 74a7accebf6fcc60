import type { Call, Target } from '../core/index.js';

/**
 * Takes a call one step further; `next` runs the stages below and may be called at most once. It may be given another
 * call to run them under: one that several callers share.
 */
export type StageStep = (call: Call, next: (shared?: Call) => Promise<unknown>) => Promise<unknown>;

/**
 * One stage of the pipeline, made ready for one target when it is first called. `undefined` says that the stage has
 * nothing to do for this target, so its calls don't pay for it.
 */
export type Stage = (target: Target) => StageStep | undefined;

/** Joins stages, top to bottom, around what the target runs. Computed once a target, walked once a call. */
export function compose(
  target: Target,
  stages: readonly Stage[],
  run: (call: Call) => Promise<unknown>,
): (call: Call) => Promise<unknown> {
  return stages.reduceRight<(call: Call) => Promise<unknown>>((inner, stage) => {
    const step = stage(target);
    return step === undefined ? inner : (call) => step(call, (shared = call) => inner(shared));
  }, run);
}
