import { Injectable } from '@nestjs/common';
import {
  Call,
  Caller,
  MissingClientCapabilityError,
  andThen,
  isFailure,
  type CallInit,
  type MaybePromise,
  type Outcome,
} from '../core/index.js';
import type { Asker } from './ask/asker.js';
import { ReplayAsker } from './ask/replay-asker.js';
import { Rounds, type RoundState } from './ask/rounds.js';
import { SessionAsker } from './ask/session-asker.js';
import type { ResultParts } from './eras/era.js';
import type { Exchange } from './exchange.js';
import { TaskRunner } from './extensions/tasks/task-runner.js';
import { members } from './wire-map.js';
import { MISSING_CLIENT_CAPABILITY, ProtocolError, optionalObject, type Params } from './wire.js';

const NOTHING: Params = {};

/** What is answered to a call that came over the wire, by how it ended. */
export type Answer<T> = (call: Call, outcome: Outcome) => T;

/** Makes calls of requests: who calls, how the client can be asked, and what an earlier round left. */
@Injectable()
export class CallRunner {
  constructor(
    private readonly caller: Caller,
    private readonly rounds: Rounds,
    private readonly tasks: TaskRunner,
  ) {}

  /**
   * The answer, at once where nothing waits for anything.
   *
   * @throws ProtocolError when the request brings a state that is not its own, or lacks a capability.
   */
  run<T>(
    init: Pick<CallInit, 'kind' | 'name' | 'input'>,
    params: Params,
    exchange: Exchange,
    answer: Answer<T>,
  ): MaybePromise<T> {
    const { kind, name, input } = init;
    const { principal, remoteAddress, waitedMs, trace } = exchange;
    // Not `...init`: once V8 has seen several shapes here, every clone gets a new one, and no access to it is cached.
    const call = new Call({ kind, name, input, principal, remoteAddress, waitedMs, trace, client: exchange });
    const answers = params['inputResponses'] === undefined ? NOTHING : optionalObject(params, 'inputResponses');
    if (params['requestState'] === undefined) return this.#call(call, params, exchange, answers, answer);
    return this.#resume(call, params, exchange).then((resumed) =>
      this.#call(call, params, exchange, answers, answer, resumed),
    );
  }

  #call<T>(
    call: Call,
    params: Params,
    exchange: Exchange,
    answers: Params,
    answer: Answer<T>,
    resumed?: RoundState,
  ): MaybePromise<T> {
    let asker: Asker | undefined = resumed && this.#replay(call, params, exchange, answers, resumed);
    exchange.begin(call, { tasks: this.tasks, asker: () => (asker ??= this.#asker(call, params, exchange, answers)) });
    return andThen(this.caller.settle(call), (outcome) => {
      if (asker === undefined) return answer(call, refuseMissing(outcome, exchange));
      return asker.ended(call, outcome).then((ended) => answer(call, refuseMissing(ended, exchange)));
    });
  }

  async #resume(call: Call, params: Params, { era }: Exchange): Promise<RoundState | undefined> {
    const { requestState } = params;
    if (requestState === undefined || era.name === 'legacy') return undefined;
    return this.rounds.resume(requestState, call, params);
  }

  #asker(call: Call, params: Params, exchange: Exchange, answers: Params): Asker {
    if (exchange.era.name === 'modern') return this.#replay(call, params, exchange, answers);
    return new SessionAsker((method, asked, signal) => exchange.request(method, asked, signal));
  }

  #replay(call: Call, params: Params, { capabilities }: Exchange, answers: Params, resumed?: RoundState): Asker {
    const state = resumed ?? this.rounds.begin(call, params);
    return new ReplayAsker({ rounds: this.rounds, state, resumed: resumed !== undefined, answers, capabilities });
  }
}

/** What the wire says while a call waits for its client (S/basic/patterns/mrtr). */
export function inputRequired(value: unknown): ResultParts {
  return { type: 'input_required', members: members(value as object) };
}

/** Since 2026 a missing capability is an error of the request, not a result of the tool. */
function refuseMissing(outcome: Outcome, { era }: Exchange): Outcome {
  if (era.name === 'modern' && isFailure(outcome) && outcome.error instanceof MissingClientCapabilityError) {
    const { message, requiredCapabilities: required } = outcome.error;
    throw new ProtocolError(MISSING_CLIENT_CAPABILITY, message, { requiredCapabilities: required });
  }
  return outcome;
}
