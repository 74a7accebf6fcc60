import type { LoggerService } from '@nestjs/common';
import { CallObserver, isFailure, type Call, type Outcome } from '../../../src/index.js';
import { show } from './show.js';

/** What a server may log as an error on the way of a call; the call's own end says whether it was meant. */
const ACCOUNTED = ['a call failed', 'a request failed', 'a result breaks the output schema of its target'];

/**
 * Hears of everything that must never happen in a process: errors that nobody catches, warnings of leaks, calls that
 * end as internal though nothing in them fails on purpose, errors in the log.
 */
export class Vitals extends CallObserver implements LoggerService {
  readonly #findings: string[] = [];
  readonly #listeners = {
    unhandledRejection: (reason: unknown) => this.#report('an unhandled rejection', reason),
    uncaughtException: (error: unknown) => this.#report('an uncaught exception', error),
    warning: (warning: Error) => this.#report('a warning', warning),
  };

  watch(): void {
    for (const [event, listener] of Object.entries(this.#listeners)) process.on(event, listener);
  }

  unwatch(): void {
    for (const [event, listener] of Object.entries(this.#listeners)) process.off(event, listener);
  }

  /** What happened since the last time. */
  take(): readonly string[] {
    return this.#findings.splice(0);
  }

  override end(call: Call, outcome: Outcome): void {
    if (!isFailure(outcome) || outcome.code !== 'internal' || call.name.includes('faulty')) return;
    this.#report(`${call.kind} ${call.name} with ${show(call.input)}`, outcome.error.cause);
  }

  error(message: unknown, ...rest: unknown[]): void {
    const { msg, code } = Object(message) as { readonly msg?: unknown; readonly code?: unknown };
    // On other paths than the endpoint's, the framework logs clients that go away while their body is read.
    if (ACCOUNTED.includes(String(msg)) || (code === 'ECONNRESET' && rest.includes('ExceptionsHandler'))) return;
    this.#findings.push(`an error in the log: ${show(message)} ${show(rest)}`);
  }

  log(): void {}
  warn(): void {}

  #report(what: string, thrown: unknown): void {
    this.#findings.push(`${what}: ${thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)}`);
  }
}
