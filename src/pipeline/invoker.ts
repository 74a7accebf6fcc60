import { Injectable, Logger } from '@nestjs/common';
import type { Call, Target } from '../core/index.js';
import { PolicyStages } from './policy-stages.js';
import { compose, type Stage } from './stage.js';
import { TeamEnhancers, type PreparedBody } from './team-enhancers.js';
import { inputValidation, outputValidation } from './validation.js';

/** Takes a call through the stages to its target. */
@Injectable()
export class Invoker {
  readonly #prepared = new WeakMap<Target, (call: Call) => Promise<unknown>>();
  readonly #logger = new Logger('Pipeline');

  constructor(
    private readonly enhancers: TeamEnhancers,
    private readonly policies: PolicyStages,
  ) {}

  /** Rejects with whatever a stage or the target throws. */
  invoke(target: Target, call: Call): Promise<unknown> {
    try {
      let run = this.#prepared.get(target);
      if (run === undefined) this.#prepared.set(target, (run = this.#prepare(target)));
      return run(call);
    } catch (thrown) {
      return Promise.reject(thrown);
    }
  }

  /** The one list of stages, top to bottom. */
  #prepare(target: Target): (call: Call) => Promise<unknown> {
    const body = this.enhancers.prepare(target);
    const output = outputValidation(this.#logger);
    const { deadline, principal, visibility, scopes, rateLimit, resourcePermission, cache, breaker, concurrency } =
      this.policies;
    const stages: readonly Stage[] = [
      deadline,
      principal,
      visibility,
      scopes,
      rateLimit,
      teamGuards(body, output),
      inputValidation,
      resourcePermission,
      becomingTask,
      cache,
      breaker,
      concurrency,
      output,
    ];
    const { finish } = target;
    const run = finish === undefined ? body.run : async (call: Call) => finish(await body.run(call), call);
    return compose(target, stages, run);
  }
}

/** A team's guards: global ones, the server's, the class's, the method's. What a filter answers for them is output too. */
function teamGuards({ guard }: PreparedBody, output: Stage): Stage {
  if (guard === undefined) return () => undefined;
  return (target) => {
    const check = output(target);
    return async (call, next) => {
      const answered = await guard(call);
      if (answered === undefined) return next();
      return check === undefined ? answered.value : check(call, () => Promise.resolve(answered.value));
    };
  };
}

/** Validated calls of targets that take long go on as tasks, for clients that understand them. */
const becomingTask: Stage = ({ task }) =>
  task &&
  (async (call, next) => {
    await call.continueAsTask({ required: task === 'required' });
    return next();
  });
