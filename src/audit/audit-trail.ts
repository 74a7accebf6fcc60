import { randomBytes } from 'node:crypto';
import { Injectable, Logger, Optional, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import {
  HealthDegradedError,
  HealthIndicators,
  PolicyKeys,
  RookeryError,
  ServerStatus,
  Telemetry,
  redactError,
  type HealthDetails,
} from '../core/index.js';
import { AuditAnchors } from './audit-anchors.js';
import type { AuditEntry } from './audit-entry.js';
import type { AuditSink } from './audit-sink.js';
import { AuditSinkFactories } from './audit-sink-factories.js';
import { AuditWriter, type AuditWriterEvents } from './audit-writer.js';
import { isAuditOn, type AuditSinkOptions } from './audit.options.js';
import { AuditSettings } from './audit-settings.js';
import { FileAuditSink } from './file-audit-sink.js';
import { auditLoggingPolicy } from './policy.js';
import { StdoutAuditSink } from './stdout-audit-sink.js';

const DAY_MS = 86_400_000;
/** As long as this an ending server tries to write what is left. */
const CLOSE_WITHIN_MS = 5_000;

/** How the trail is doing, for health. */
export interface AuditTrailState {
  readonly state: 'off' | 'ok' | 'failing';
  /** Since when a sink has been failing. */
  readonly since?: string | undefined;
  /** Records that are not written yet. */
  readonly pending: number;
}

/** The audit trail of this server: opens it before the first call, and closes it after the last. */
@Injectable()
export class AuditTrail implements OnModuleInit, BeforeApplicationShutdown {
  readonly #logger = new Logger('Audit');
  readonly #telemetry: Telemetry;
  #writer: AuditWriter | undefined;

  constructor(
    private readonly settings: AuditSettings,
    policyKeys: PolicyKeys,
    telemetry: Telemetry,
    @Optional() private readonly status?: ServerStatus,
    @Optional() private readonly factories?: AuditSinkFactories,
    @Optional() private readonly anchors?: AuditAnchors,
    @Optional() private readonly health?: HealthIndicators,
  ) {
    this.#telemetry = telemetry;
    policyKeys.define('auditLogging', auditLoggingPolicy(this.enabled));
  }

  /** Whether anything is recorded. */
  get enabled(): boolean {
    return isAuditOn(this.settings.options);
  }

  /** Whether new calls can be recorded now; without a trail they need not be. */
  get available(): boolean {
    return this.#writer?.available ?? !this.enabled;
  }

  /** How the trail is doing. */
  get state(): AuditTrailState {
    if (!this.enabled) return { state: 'off', pending: 0 };
    const since = this.#writer?.failingSince;
    const pending = this.#writer?.pending ?? 0;
    if (since === undefined) return { state: 'ok', pending };
    return { state: 'failing', since: new Date(since).toISOString(), pending };
  }

  /** @throws Error when a sink cannot be opened, saying which and what to repair; the start fails */
  async onModuleInit(): Promise<void> {
    const { options, authenticated } = this.settings;
    if (!this.enabled) {
      if (authenticated) {
        this.#logger.warn(
          'Callers are authenticated, but nothing is audited: configure audit.sinks to record who did what.',
        );
      }
      return;
    }
    const { mode, key, batch, retention } = options;
    const writer = new AuditWriter({
      writer: newWriterId(),
      sinks: await Promise.all(options.sinks.map((sink, index) => this.#sink(sink, index))),
      anchors: this.anchors,
      key,
      strict: mode === 'strict',
      ...batch,
      retentionMs: retention.days === undefined ? undefined : retention.days * DAY_MS,
      now: () => Date.now(),
      events: this.#events(),
    });
    try {
      await writer.open(this.status?.identity.version ?? 'unknown');
    } catch (error) {
      throw new Error(
        `The audit trail cannot be opened: ${(error as Error).message}. Repair what audit.sinks names, or set audit.mode to off.`,
        { cause: error },
      );
    }
    this.#writer = writer;
    this.health?.add({ name: 'audit', critical: true, check: () => this.#check() });
  }

  /** Takes a record; when the trail is off, nothing. @returns its ticket, for {@link durable} */
  add(entry: AuditEntry): number {
    return this.#writer?.add(entry) ?? 0;
  }

  /** Waits until a record is durable, no longer than `audit.maxWaitMs`; whether it is. */
  durable(ticket: number, withinMs: number = this.settings.options.maxWaitMs): Promise<boolean> {
    return this.#writer?.durable(ticket, withinMs) ?? Promise.resolve(!this.enabled);
  }

  /** Whether records come faster than they are written: then wait for {@link room} before the answer. */
  get crowded(): boolean {
    return this.#writer?.crowded ?? false;
  }

  /** Waits until there is room for another batch, no longer than given. */
  async room(withinMs: number = this.settings.options.maxWaitMs): Promise<void> {
    await this.#writer?.room(withinMs);
  }

  /** Waits until calls can be recorded again. @returns whether they can */
  usable(withinMs: number, signal: AbortSignal): Promise<boolean> {
    return this.#writer?.usable(withinMs, signal) ?? Promise.resolve(!this.enabled);
  }

  /** Counts a call that is refused since it cannot be recorded, and makes the error that refuses it. */
  refusal(): RookeryError {
    this.#writer?.refused();
    this.#telemetry
      .counter({ name: 'rookery_audit_refused_total', help: 'Calls refused since they could not be audited.' })
      .bind({})
      .add(1);
    return new AuditUnavailableError();
  }

  /** Every call has ended when modules are destroyed; stores are open until `onApplicationShutdown`. */
  async beforeApplicationShutdown(): Promise<void> {
    const lost = (await this.#writer?.close(CLOSE_WITHIN_MS)) ?? 0;
    if (lost > 0) {
      this.#logger.error({ msg: 'the audit trail was closed before these records could be written', records: lost });
    }
  }

  /** Down while calls are refused, as they cannot be recorded; degraded while records wait for a sink that fails. */
  #check(): HealthDetails {
    const { state, since, pending } = this.state;
    const details = { pending, ...(since !== undefined && { since }) };
    if (!this.available) throw new Error(`Calls cannot be recorded since ${since ?? 'a while'}, and are refused.`);
    if (state === 'failing') throw new HealthDegradedError(`A sink is failing since ${since}; records wait.`, details);
    return details;
  }

  async #sink(options: AuditSinkOptions, index: number): Promise<AuditSink> {
    if (options.type === 'file') return new FileAuditSink(options);
    if (options.type === 'stdout') {
      if (!this.settings.stdoutTaken) return new StdoutAuditSink(process.stdout);
      throw new Error(
        `audit.sinks.${index} writes to stdout, which the stdio transport needs for the protocol. Use a file or the database instead.`,
      );
    }
    const make = this.factories?.get(options.type);
    if (make !== undefined) return make(options);
    throw new Error(
      `audit.sinks.${index} is of type "${options.type}", for which this server has no adapter. Import the module of the SQL databases, or use a file.`,
    );
  }

  #events(): AuditWriterEvents {
    const logger = this.#logger;
    const records = this.#telemetry.counter({
      name: 'rookery_audit_records_total',
      help: 'Audit records that reached a sink (written), and that an attempt did not bring there (failed).',
      labels: ['sink', 'result'],
    });
    const queue = this.#telemetry
      .gauge({
        name: 'rookery_audit_queue_length',
        help: 'Audit records that wait to be written.',
        collect: () => queue.set(this.#writer?.waiting ?? 0),
      })
      .bind({});
    const anchors = this.#telemetry.counter({
      name: 'rookery_audit_anchors_total',
      help: 'Heads of the audit trail put into the store (written), or not (failed).',
      labels: ['result'],
    });
    const late = this.#telemetry
      .counter({ name: 'rookery_audit_late_total', help: 'Audit records that came when the trail was closed.' })
      .bind({});
    return {
      appended: (sink, result, count) => records.bind({ sink, result }).add(count),
      failing: (sink, error) =>
        logger.error({ msg: 'an audit sink is failing: it is tried again', sink, err: redactError(error) }),
      recovered: (failedForMs) => logger.log({ msg: 'the audit sinks work again', failedForMs }),
      anchored: (error) => {
        anchors.bind({ result: error === undefined ? 'written' : 'failed' }).add(1);
        if (error === undefined) return;
        logger.warn({ msg: 'the head of the audit trail could not be put into the store', err: redactError(error) });
      },
      retentionFailed: (error) =>
        logger.warn({ msg: 'old audit records could not be removed', err: redactError(error) }),
      tooLate: ({ event, callId }) => {
        late.add(1);
        logger.error({ msg: 'a record came after the audit trail was closed', event, callId });
      },
    };
  }
}

/** The call was refused since it could not be recorded. */
export class AuditUnavailableError extends RookeryError {
  constructor() {
    super(
      'overloaded',
      'This server takes no calls while they cannot be recorded in its audit trail. Try again later.',
      { retryAfter: 5 },
    );
  }
}

/** Begins with the time, so that writers stand in their order wherever they are listed. */
function newWriterId(): string {
  return `${new Date().toISOString().replaceAll(/[-:.]/g, '')}-${randomBytes(4).toString('hex')}`;
}
