import type { Logger } from '@nestjs/common';
import {
  Call,
  asRookeryError,
  redactError,
  type CallObserver,
  type MaybePromise,
  type Outcome,
} from '../../../core/index.js';

/** The rest of a call that became a task, as a call of its own for those who observe calls. */
export function taskCall(call: Call): Call {
  const { target } = call;
  const observed = new Call({
    kind: 'task',
    name: target.name,
    input: call.input,
    principal: call.principal,
    parent: call,
  });
  observed.bind(target, call.input);
  return observed;
}

/**
 * How a task ends once everybody who observes calls has heard of it: what has to be recorded first is recorded when
 * this resolves, and whoever withholds a result has put a failure in its place. A refusal aborts the task.
 */
export async function observedEnd(
  task: Call,
  rest: Promise<Outcome>,
  observers: readonly CallObserver[],
  logger: Logger,
): Promise<Outcome> {
  let outcome: Outcome;
  try {
    startAll(observers, task);
    outcome = await observers.reduceRight<() => MaybePromise<Outcome>>(
      (next, observer) => () => observer.run?.(task, next) ?? next(),
      () => rest,
    )();
  } catch (thrown) {
    const error = asRookeryError(thrown, task);
    task.abort(error);
    outcome = { code: error.code, error, durationMs: performance.now() - task.startedAt };
  }
  for (const observer of observers) {
    try {
      await observer.end?.(task, outcome);
    } catch (error) {
      logger.error({ msg: 'an observer failed at the end of a task', callId: task.id, err: redactError(error) });
    }
  }
  return outcome;
}

/** Every observer hears of the start, also when one before it refuses the task: each will hear of the end. */
function startAll(observers: readonly CallObserver[], task: Call): void {
  let refusal: { readonly thrown: unknown } | undefined;
  for (const observer of observers) {
    try {
      observer.start?.(task);
    } catch (thrown) {
      refusal ??= { thrown };
    }
  }
  if (refusal !== undefined) throw refusal.thrown;
}
