import { Injectable, Logger } from '@nestjs/common';
import { CallObservers, Telemetry, redactError, type Counter } from '../../core/index.js';
import type { CredentialMethod } from './accepted.js';
import { CredentialsUnavailableError, type RefusalReason } from './refusal-reason.js';

type Result = RefusalReason | 'accepted' | 'remembered' | 'too_many_attempts';

/** Tells operators how attempts to come in end: a counter, observers, and a line when credentials cannot be checked. */
@Injectable()
export class AttemptLog {
  readonly #logger = new Logger('Auth');
  readonly #attempts: Counter;
  readonly #bound = new Map<string, { add(value: number): void }>();
  #failing = false;

  constructor(
    telemetry: Telemetry,
    private readonly observers: CallObservers,
  ) {
    this.#attempts = telemetry.counter({
      name: 'rookery_auth_attempts_total',
      help: 'Credentials that were presented, by kind and what came of them.',
      labels: ['method', 'result'],
    });
  }

  accepted(method: CredentialMethod): void {
    this.#count(method, 'accepted');
    if (!this.#failing) return;
    this.#failing = false;
    this.#logger.log('Credentials can be checked again.');
  }

  /** Counts a credential that was known from before. */
  remembered(): void {
    this.#count('any', 'remembered');
  }

  /** @param reason - never with the credential in it */
  refused(
    method: CredentialMethod,
    reason: RefusalReason | 'too_many_attempts',
    remoteAddress: string | undefined,
  ): void {
    this.#count(method, reason);
    const outcome = reason === 'too_many_attempts' ? 'rate_limited' : 'unauthenticated';
    this.observers.refused({
      kind: 'request',
      outcome,
      remoteAddress,
      reason: `credential refused: ${reason} (${method})`,
    });
  }

  /**
   * Says once what cannot be asked, until it can be again.
   *
   * @param secret - what was presented: a strategy of the team may have put it into its error
   */
  unavailable(cause: unknown, secret: string | undefined): void {
    if (this.#failing) return;
    this.#failing = true;
    const what = cause instanceof CredentialsUnavailableError ? cause.message : 'Credentials cannot be checked.';
    const msg = `${what} Callers whose credentials are not known get 503.`;
    this.#logger.error({ msg, err: without(secret, redactError(cause)) });
  }

  #count(method: string, result: Result): void {
    const key = `${method} ${result}`;
    let series = this.#bound.get(key);
    if (series === undefined) this.#bound.set(key, (series = this.#attempts.bind({ method, result })));
    series.add(1);
  }
}

/** Fields of a log line with a secret in none of them. */
function without(secret: string | undefined, fields: Readonly<Record<string, unknown>>): unknown {
  if (secret === undefined) return fields;
  const escaped = JSON.stringify(secret).slice(1, -1);
  return JSON.parse(JSON.stringify(fields).replaceAll(escaped, '***')) as unknown;
}
