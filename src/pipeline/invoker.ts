import { Injectable, Logger } from '@nestjs/common';
import { adopted, andThen, type Call, type Target } from '../core/index.js';
import { PolicyStages } from './policy-stages.js';
import { compose, type Rest, type Stage, type StageStep } from './stage.js';
import { TeamEnhancers, type PreparedBody } from './team-enhancers.js';
import { inputValidation, outputValidation } from './validation.js';

/** Takes a call through the stages to its target. */
@Injectable()
export class Invoker {
  readonly #prepared = new WeakMap<Target, Rest>();
  readonly #logger = new Logger('Pipeline');

  constructor(
    private readonly enhancers: TeamEnhancers,
    private readonly policies: PolicyStages,
  ) {}

  /** A value, or a promise of it where something on the way had to wait. Throws, or rejects with, what a stage or the target throws. */
  invoke(target: Target, call: Call): unknown {
    let run = this.#prepared.get(target);
    if (run === undefined) this.#prepared.set(target, (run = this.#prepare(target)));
    return run(call);
  }

  /** The one list of stages, top to bottom. */
  #prepare(target: Target): Rest {
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
    const run: Rest =
      finish === undefined ? body.run : (call) => andThen(body.run(call), (value) => adopted(finish(value, call)));
    return compose(target, stages, run);
  }
}

/** A team's guards: global ones, the server's, the class's, the method's. What a filter answers for them is output too. */
function teamGuards({ guard }: PreparedBody, output: (target: Target) => StageStep | undefined): Stage {
  if (guard === undefined) return () => undefined;
  return (target) => {
    const check = output(target);
    return async (call, next) => {
      const answered = await guard(call);
      if (answered === undefined) return next();
      return check === undefined ? answered.value : check(call, () => answered.value);
    };
  };
}

/** Validated calls of targets that take long go on as tasks, for clients that understand them. */
const becomingTask: Stage = ({ task }) =>
  task && {
    check: async (call) => {
      await call.continueAsTask({ required: task === 'required' });
    },
  };
