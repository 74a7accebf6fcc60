import { createHash, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import {
  RookeryError,
  ServerStatus,
  SingleUseMarks,
  Telemetry,
  ToolError,
  principalKey,
  type Call,
} from '../../core/index.js';
import { McpOptions } from '../mcp.options.js';
import { OutcomeError } from '../wire-map.js';
import { invalidParams, type Params } from '../wire.js';
import { StateSeal } from './request-state.js';

const stateSchema = z.object({
  chain: z.string(),
  request: z.string(),
  principal: z.string(),
  /** A digest of what the client declared in the last round. */
  client: z.string(),
  /** Milliseconds of the epoch. */
  expires: z.number(),
  /** Key → the digest of the question, or null for an effect, and what came of it. */
  log: z.array(z.tuple([z.string(), z.string().nullable(), z.unknown()])),
  /** Keys of the questions that the client was sent with this state. */
  asked: z.array(z.string()),
});

/** What is remembered between the rounds of a call. */
export type RoundState = z.output<typeof stateSchema>;

/** After so many seconds it is worth trying again when the marks are away. */
const RETRY_AFTER_SECONDS = 1;

/**
 * One call in several rounds: seals what must be remembered, and opens only what belongs to the request at hand. With the
 * same `server.stateKeys`, and marks that are shared, any process takes the next round.
 *
 * While the marks are away (`rookery_round_marks_failures_total`) no round begins: a call that is completed twice is
 * worse than one that is refused.
 */
@Injectable()
export class Rounds {
  readonly #seal: StateSeal;
  readonly #failures;

  constructor(
    private readonly options: McpOptions,
    private readonly marks: SingleUseMarks,
    { identity }: ServerStatus,
    telemetry: Telemetry,
  ) {
    this.#failures = telemetry.counter({
      name: 'rookery_round_marks_failures_total',
      help: 'Rounds of calls that were refused because single-use marks could not be reached, by what was tried.',
      labels: ['operation'],
    });
    this.#seal = new StateSeal(options.stateKeys, `requestState of ${identity.name}`);
  }

  /** The state of a call that has not been asked anything yet. */
  begin(call: Call, params: Params): RoundState {
    return {
      chain: randomUUID(),
      request: requestDigest(call, params),
      principal: principalKey(call.principal),
      client: '',
      expires: 0,
      log: [],
      asked: [],
    };
  }

  /** @throws ToolError when it has grown too large, or is nested too deeply. */
  seal(state: RoundState): string {
    try {
      return this.#seal.seal({ ...state, expires: Date.now() + this.options.stateTtlMs });
    } catch (cause) {
      if (!(cause instanceof RangeError)) throw cause;
      const message = 'The answers to this call are more than can be kept until its next round; answer more briefly.';
      throw new ToolError(message, {}, { cause });
    }
  }

  /**
   * Opens the state that a request brings, for this request alone: while it runs, and once it is complete, the same
   * state is good for nothing.
   *
   * @throws ProtocolError −32602, the same whatever is wrong with it; one with the code `overloaded` and the seconds to
   * wait while the marks are away
   */
  async resume(sealed: unknown, call: Call, params: Params): Promise<RoundState> {
    const parsed = stateSchema.safeParse(typeof sealed === 'string' ? this.#seal.open(sealed) : undefined);
    const principal = principalKey(call.principal);
    if (
      parsed.success &&
      parsed.data.expires > Date.now() &&
      parsed.data.principal === principal &&
      parsed.data.request === requestDigest(call, params) &&
      (await this.#claim(parsed.data))
    ) {
      return parsed.data;
    }
    throw invalidParams(
      'the requestState is not one of this request, or was used or has expired; call again without it',
    );
  }

  /**
   * The round ended in another question, so the next one may begin.
   *
   * @throws RookeryError `overloaded` when the mark may still be set: the next round would be refused
   */
  async release(state: RoundState): Promise<void> {
    try {
      await this.marks.release(markOf(state));
    } catch (cause) {
      throw this.#away('release', 'This call cannot go on; make it again from its start, without requestState.', cause);
    }
  }

  async #claim(state: RoundState): Promise<boolean> {
    try {
      return await this.marks.claim(markOf(state), this.options.stateTtlMs);
    } catch (cause) {
      const message = 'Whether this requestState was used cannot be found out at the moment; send the request again.';
      throw new OutcomeError(this.#away('claim', message, cause));
    }
  }

  #away(operation: 'claim' | 'release', message: string, cause: unknown): RookeryError {
    this.#failures.bind({ operation }).add(1);
    return new RookeryError('overloaded', message, { retryAfter: RETRY_AFTER_SECONDS }, { cause });
  }
}

function markOf({ chain }: RoundState): string {
  return `round:${chain}`;
}

/** What makes a request the same in every round: its kind, target and arguments, in any order of their keys. */
function requestDigest({ kind, name }: Call, params: Params): string {
  return digest([kind, name, params['arguments'] ?? null]);
}

/** A digest of JSON that does not depend on the order of keys. */
export function digest(value: unknown): string {
  const canonical = JSON.stringify(value, (_key, entry: unknown) =>
    typeof entry === 'object' && entry !== null && !Array.isArray(entry)
      ? Object.fromEntries(Object.entries(entry).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : entry,
  );
  return createHash('sha256').update(canonical).digest('base64url');
}
