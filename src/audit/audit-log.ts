import { Injectable, Optional, type OnModuleInit } from '@nestjs/common';
import {
  CallNotes,
  CallObserver,
  CallObservers,
  RookeryError,
  type Call,
  type MaybePromise,
  type Outcome,
  type RefusedAttempt,
} from '../core/index.js';
import { AuditRedactor } from './audit-redactor.js';
import { AuditSettings } from './audit-settings.js';
import { AuditTrail } from './audit-trail.js';
import { CallEntries } from './call-entry.js';

const LAST_MOMENT_MS = 1_000;

/**
 * Records every call once, however it ends, and every attempt that never became a call.
 *
 * While the trail can't be written, new calls are refused, or wait first (`audit.onFailure`). What is durable before
 * the answer (`audit.mode: strict`, `auditLogging: true`) is waited for; a result whose record could not be made
 * durable is withheld, since it would be acknowledged without a trace.
 */
@Injectable()
export class AuditLog extends CallObserver implements OnModuleInit {
  readonly #entries: CallEntries;
  /** Calls that were recorded before their end, while their answer waited. */
  readonly #recorded = new WeakSet<Call>();
  /** Calls that were refused here; they are counted, not recorded one by one. */
  readonly #refused = new WeakSet<Call>();
  readonly #strict: boolean;
  readonly #blocks: boolean;
  readonly #maxWaitMs: number;
  /** The millisecond of the last record, and how it is written: many records share one. */
  #clock = { at: 0, text: '' };

  constructor(
    { options }: AuditSettings,
    private readonly trail: AuditTrail,
    private readonly observers: CallObservers,
    @Optional() private readonly notes?: CallNotes,
  ) {
    super();
    this.#entries = new CallEntries(new AuditRedactor(options.redact.patterns), options.arguments);
    this.#strict = options.mode === 'strict';
    this.#blocks = options.onFailure === 'block';
    this.#maxWaitMs = options.maxWaitMs;
  }

  onModuleInit(): void {
    if (this.trail.enabled) this.observers.add(this);
  }

  /** A task was admitted with the call that it goes on from. */
  override start(call: Call): void {
    if (this.trail.available || this.#blocks || call.kind === 'task') return;
    throw this.#refusal(call);
  }

  override run(call: Call, next: () => MaybePromise<Outcome>): MaybePromise<Outcome> {
    if (!this.trail.available) return this.#afterWaiting(call, next);
    return this.#isDurable(call) ? this.#durably(call, next) : next();
  }

  override end(call: Call, outcome: Outcome): void | Promise<void> {
    if (this.#recorded.has(call) || this.#refused.has(call)) return undefined;
    const ticket = this.#record(call, outcome);
    if (this.#isDurable(call)) return this.#wait(ticket, call);
    return this.trail.crowded ? this.trail.room(this.#patience(call)) : undefined;
  }

  override refused(attempt: RefusedAttempt): void {
    this.trail.add(this.#entries.refused(attempt, this.#now()));
  }

  async #afterWaiting(call: Call, next: () => MaybePromise<Outcome>): Promise<Outcome> {
    if (!(await this.trail.usable(this.#patience(call), call.signal))) throw this.#refusal(call);
    return this.#isDurable(call) ? this.#durably(call, next) : next();
  }

  async #durably(call: Call, next: () => MaybePromise<Outcome>): Promise<Outcome> {
    const outcome = await next();
    const ticket = this.#record(call, outcome);
    this.#recorded.add(call);
    // A call that has used up its time did something too: its record gets a moment of its own.
    const withinMs = Math.max(this.#patience(call), Math.min(LAST_MOMENT_MS, this.#maxWaitMs));
    if (await this.trail.durable(ticket, withinMs)) return outcome;
    throw new RookeryError(
      'overloaded',
      'The call was carried out, but its audit record could not be made durable, so its result is withheld. ' +
        `Find out what it did before repeating it. Correlation id: ${call.id}`,
      { correlationId: call.id },
    );
  }

  #refusal(call: Call): RookeryError {
    this.#refused.add(call);
    return this.trail.refusal();
  }

  async #wait(ticket: number, call: Call): Promise<void> {
    await this.trail.durable(ticket, this.#patience(call));
  }

  #record(call: Call, outcome: Outcome): number {
    return this.trail.add(this.#entries.call(call, outcome, this.notes?.of(call) ?? [], this.#now()));
  }

  #now(): string {
    const at = Date.now();
    if (at !== this.#clock.at) this.#clock = { at, text: new Date(at).toISOString() };
    return this.#clock.text;
  }

  #isDurable(call: Call): boolean {
    return this.#strict || call.targetIfFound?.policy.auditLogging === true;
  }

  /** How long the call may wait, in milliseconds. */
  #patience({ deadline }: Call): number {
    return deadline === undefined ? this.#maxWaitMs : Math.min(this.#maxWaitMs, deadline - performance.now());
  }
}
