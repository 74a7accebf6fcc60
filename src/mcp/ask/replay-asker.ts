import {
  CancelledError,
  InternalError,
  MissingClientCapabilityError,
  RookeryError,
  Suspension,
  type AskRequest,
  type Call,
  type Outcome,
} from '../../core/index.js';
import type { Params } from '../wire.js';
import { acceptableAnswer } from './answer.js';
import { modeOf, requiredCapabilities, supports, wireRequest } from './ask-request.js';
import { Asker } from './asker.js';
import { digest, type RoundState, type Rounds } from './rounds.js';

/** What a call of the 2026 era is asked with. */
export interface Replay {
  readonly rounds: Rounds;
  readonly state: RoundState;
  /** Whether the request brought the state, so that it has to be given back or used up. */
  readonly resumed: boolean;
  /** What the client answered to the questions of the last round. */
  readonly answers: Params;
  /** What the client declared. */
  readonly capabilities: Params;
}

interface Pending {
  readonly request: AskRequest;
  readonly reject: (reason: Error) => void;
}

/**
 * Asks a client of the 2026 era, which calls again with its answers: the handler is replayed from its start, what was
 * answered before and what effects returned comes from the state that the client brought (S/basic/patterns/mrtr).
 *
 * All questions that stand when nothing else of the call is under way are sent together.
 */
export class ReplayAsker extends Asker {
  readonly #log: Map<string, readonly [string | null, unknown]>;
  readonly #replayed = new Set<string>();
  readonly #pending = new Map<string, Pending>();
  #effects = 0;
  #diverged: string | undefined;

  constructor(private readonly replay: Replay) {
    super();
    this.#log = new Map(replay.state.log.map(([key, question, value]) => [key, [question, value]]));
  }

  override ask(call: Call, key: string, request: AskRequest): Promise<unknown> {
    const question = digest(wireRequest(request));
    const known = this.#recall(key, question);
    if (known !== undefined) return Promise.resolve(known[1]);
    const { answers, capabilities } = this.replay;
    if (!supports(capabilities, request.kind, modeOf(request))) {
      return Promise.reject(new MissingClientCapabilityError(requiredCapabilities(request)));
    }
    const given = Object.hasOwn(answers, key) ? acceptableAnswer(request, answers[key]) : undefined;
    if (given !== undefined) {
      this.#log.set(key, [question, given]);
      return Promise.resolve(given);
    }
    return new Promise((_resolve, reject) => {
      this.#pending.set(key, { request, reject });
      this.#suspendSoon(call);
    });
  }

  override async once<T>(call: Call, key: string, effect: () => T | Promise<T>): Promise<T> {
    const known = this.#recall(key, null);
    if (known !== undefined) return known[1] as T;
    this.#effects++;
    try {
      const value = await effect();
      this.#log.set(key, [null, value ?? null]);
      return value;
    } finally {
      this.#effects--;
      if (this.#pending.size > 0) this.#suspendSoon(call);
    }
  }

  override async ended(call: Call, outcome: Outcome): Promise<Outcome> {
    const { resumed } = this.replay;
    if (outcome.code === 'input_required') {
      return resumed ? this.#released(outcome) : outcome;
    }
    const diverged = this.#diverged ?? (outcome.code === 'ok' ? this.#forgotten() : undefined);
    if (diverged === undefined) return outcome;
    const error = this.#divergence(call, diverged);
    return { code: error.code, error, durationMs: outcome.durationMs };
  }

  /** A question that could not be answered is not asked. */
  async #released(outcome: Outcome): Promise<Outcome> {
    try {
      await this.replay.rounds.release(this.replay.state);
      return outcome;
    } catch (error) {
      if (!(error instanceof RookeryError)) throw error;
      return { code: error.code, error, durationMs: outcome.durationMs };
    }
  }

  /** Something of an earlier round that the handler has not come by again. */
  #forgotten(): string | undefined {
    const { log, asked } = this.replay.state;
    return [...log.map(([key]) => key), ...asked].find((key) => !this.#replayed.has(key));
  }

  /** What came of this question or effect in an earlier round. */
  #recall(key: string, question: string | null): readonly [string | null, unknown] | undefined {
    const repeated = this.#replayed.has(key);
    this.#replayed.add(key);
    const known = this.#log.get(key);
    if (repeated || (known !== undefined && known[0] !== question)) this.#diverged ??= key;
    return known;
  }

  /** A turn later, so that questions asked together are sent together; not while an effect runs, which would be lost. */
  #suspendSoon(call: Call): void {
    setImmediate(() => {
      if (this.#effects > 0 || this.#pending.size === 0) return;
      const diverged = this.#diverged ?? this.#forgotten();
      try {
        if (diverged !== undefined) throw this.#divergence(call, diverged);
        call.suspend(new Suspension('input_required', this.#question()));
      } catch (error) {
        call.abort(error);
      }
      for (const { reject } of this.#pending.values())
        reject(new CancelledError('This round of the call has ended with a question.'));
      this.#pending.clear();
    });
  }

  #question(): { readonly inputRequests: Params; readonly requestState: string } {
    const log = [...this.#log].map(([key, [question, value]]): RoundState['log'][number] => [key, question, value]);
    const requests = [...this.#pending].map(([key, { request }]) => [key, wireRequest(request)] as const);
    const { rounds, state, capabilities } = this.replay;
    const asked = [...this.#pending.keys()];
    const requestState = rounds.seal({ ...state, client: digest(capabilities), log, asked });
    return { inputRequests: Object.fromEntries(requests), requestState };
  }

  /** A handler may ask by what its client declares: then the client that declares something else has gone astray. */
  #divergence(call: Call, key: string): RookeryError {
    const { state, resumed, capabilities } = this.replay;
    if (!resumed || state.client === digest(capabilities)) return authorsFault(call, key);
    const message = 'The client declares other capabilities than in the round before; call again without requestState.';
    return new RookeryError('invalid_arguments', message);
  }
}

/** What a handler asks may depend on its arguments, on answers and on the client's capabilities, on nothing else. */
function authorsFault({ id, kind, name }: Call, key: string): InternalError {
  const cause = new Error(
    `${kind} "${name}" did not ask for "${key}" as it did before: questions and effects must have keys of their own, and ` +
      'may depend only on the arguments and on earlier answers',
  );
  return new InternalError(id, cause);
}
