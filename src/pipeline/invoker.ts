import { Injectable, Logger } from '@nestjs/common';
import type { Call, Target } from '../core/index.js';
import { compose, type Stage } from './stage.js';
import { TeamEnhancers, type PreparedBody } from './team-enhancers.js';
import { inputValidation, outputValidation } from './validation.js';

/** Takes a call through the stages to its target. */
@Injectable()
export class Invoker {
  readonly #prepared = new WeakMap<Target, (call: Call) => Promise<unknown>>();
  readonly #logger = new Logger('Pipeline');

  constructor(private readonly enhancers: TeamEnhancers) {}

  /** @throws whatever a stage or the target throws. */
  invoke(target: Target, call: Call): Promise<unknown> {
    let run = this.#prepared.get(target);
    if (run === undefined) this.#prepared.set(target, (run = this.#prepare(target)));
    return run(call);
  }

  /** The one list of stages, top to bottom. */
  #prepare(target: Target): (call: Call) => Promise<unknown> {
    const body = this.enhancers.prepare(target);
    const stages: readonly Stage[] = [teamGuards(body), inputValidation, outputValidation(this.#logger)];
    return compose(target, stages, body.run);
  }
}

/** A team's guards: global ones, the server's, the class's, the method's. */
function teamGuards({ guard }: PreparedBody): Stage {
  return () => guard && (async (call, next) => ((await guard(call)) ?? { value: await next() }).value);
}
