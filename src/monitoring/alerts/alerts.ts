import { hostname } from 'node:os';
import {
  Injectable,
  Logger,
  Optional,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import {
  HealthIndicators,
  ServerStatus,
  Telemetry,
  redactError,
  type HealthDetails,
  type Sample,
} from '../../core/index.js';
import { PackageMetrics } from '../metrics/package-metrics.js';
import type { Family } from '../metrics/package-samples.js';
import { ServerGauges } from '../metrics/server-gauges.js';
import { MonitoringSettings, MonitoringSituation } from '../monitoring.settings.js';
import { AlertClock } from './alert-clock.js';
import { DEFAULT_ACTION, alertRules, describeRule, type AlertRule } from './alert-rule.js';
import type { AlertStage } from './alert-state.js';
import { AlertWatch } from './alert-watch.js';
import { measuresOf, selectorsOf } from './condition/condition.js';
import { AlertActions } from './delivery/alert-actions.js';
import { Deliveries } from './delivery/deliveries.js';
import { SampleWindows } from './series/sample-windows.js';
import { Silences, type Silence } from './silences.js';

/** How a stage stands in `rookery_alert_state`. */
const LEVELS: Readonly<Record<AlertStage, number>> = { inactive: 0, resolved: 0, pending: 1, firing: 2 };

/** An alert as operators see it. */
export interface AlertStatus {
  readonly name: string;
  /** With `for`. */
  readonly condition: string;
  readonly state: AlertStage;
  /** Since when, ISO 8601. */
  readonly since?: string;
  /** What its condition last compared. */
  readonly value?: number;
  readonly severity: string;
  readonly summary?: string;
  readonly actions: readonly string[];
  readonly silence?: { readonly until: string; readonly reason: string; readonly by: string };
}

/**
 * Watches the rules of `monitoring.alerts` over everything on this process' page of metrics, every
 * `monitoring.metrics.collectionInterval`, and tells actions when an alert fires and when it is over. Each process of
 * several watches itself.
 */
@Injectable()
export class Alerts implements OnApplicationBootstrap, OnModuleDestroy, BeforeApplicationShutdown {
  readonly #logger = new Logger('Alerts');
  readonly #silences = new Silences();
  readonly #state;
  readonly #failures;
  #watches: readonly AlertWatch[] = [];
  #windows: SampleWindows | undefined;
  /** The metrics in the registry of `prom-client` that rules are about. */
  #others: readonly Family[] = [];
  #reading = false;
  #stopped = false;
  #stop: () => void = () => undefined;
  #forget: () => void = () => undefined;

  constructor(
    private readonly settings: MonitoringSettings,
    private readonly telemetry: Telemetry,
    private readonly gauges: ServerGauges,
    private readonly packageMetrics: PackageMetrics,
    private readonly actions: AlertActions,
    private readonly deliveries: Deliveries,
    private readonly indicators: HealthIndicators,
    private readonly clock: AlertClock,
    @Optional() private readonly server?: ServerStatus,
    @Optional() private readonly situation?: MonitoringSituation,
  ) {
    this.#state = telemetry.gauge({
      name: 'rookery_alert_state',
      help: 'Where each alert stands: 0 inactive or resolved, 1 pending, 2 firing.',
      labels: ['alert'],
    });
    this.#failures = telemetry.counter({
      name: 'rookery_alert_evaluation_failures_total',
      help: 'Times that the rules of alerts could not be looked at.',
    });
  }

  /** The rules that are watched. */
  get rules(): readonly AlertRule[] {
    return this.#watches.map(({ rule }) => rule);
  }

  /** Milliseconds between two looks. */
  get intervalMs(): number {
    return this.settings.metrics.collectionInterval * 1_000;
  }

  /** @throws Error listing everything that is wrong with the rules and actions, with the keys */
  onApplicationBootstrap(): void {
    const { enabled, rules: given, maxQueued } = this.settings.alerts;
    if (!enabled || Object.keys(given).length === 0) return;
    const found = this.actions.find(this.settings.alerts.actions);
    const own = this.telemetry.families();
    const others = this.packageMetrics.families(new Set(own.map(({ definition }) => definition.name)));
    const { rules, faults } = alertRules(this.settings.alerts, {
      families: [...own, ...others],
      intervalMs: this.intervalMs,
      actions: new Set([...found.deliveries.keys(), ...found.faults.map(({ path }) => path[0] as string)]),
    });
    const lines = [
      ...faults.map(({ path, message }) => `- monitoring.alerts.rules.${path.join('.')}: ${message}`),
      ...found.faults.map(({ path, message }) => `- monitoring.alerts.actions.${path.join('.')}: ${message}`),
    ];
    if (lines.length > 0) throw new Error(`The alerts cannot be watched:\n${lines.join('\n')}`);
    const { metrics } = this.#watch(rules);
    this.#others = others.filter(({ definition }) => metrics.has(definition.name));
    if (this.situation?.serves === false) return;
    if (found.assumed && rules.some(({ actions }) => actions.includes(DEFAULT_ACTION))) {
      this.#logger.warn(
        `Alerts with the action ${DEFAULT_ACTION} are only written to the log: say in monitoring.alerts.actions.${DEFAULT_ACTION} where they go, or { type: log } if that is meant.`,
      );
    }
    this.deliveries.open(found.deliveries, maxQueued);
    this.#forget = this.indicators.add({ name: 'alerts', check: () => this.#details() });
    void this.#tick();
    this.#stop = this.clock.every(this.intervalMs, () => void this.#tick());
  }

  onModuleDestroy(): void {
    this.#stopped = true;
    this.#stop();
    this.#forget();
  }

  /** What is queued gets `monitoring.alerts.shutdownMs` to go out. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.deliveries.close(this.settings.alerts.shutdownMs);
  }

  /** Every alert, in the order of the configuration. */
  list(): readonly AlertStatus[] {
    return this.#watches.map((watch) => this.#status(watch));
  }

  /** Lets nothing be said of an alert until a time. @returns what it is then; `undefined` when there is no such alert */
  silence(name: string, silence: Silence): AlertStatus | undefined {
    const watch = this.#watches.find(({ rule }) => rule.name === name);
    if (watch === undefined) return undefined;
    this.#silences.set(name, silence);
    return this.#status(watch);
  }

  /** Ends a silence. @returns what the alert is then; `undefined` when there is no such alert */
  unsilence(name: string): AlertStatus | undefined {
    const watch = this.#watches.find(({ rule }) => rule.name === name);
    if (watch === undefined) return undefined;
    this.#silences.remove(name, this.clock.now());
    return this.#status(watch);
  }

  /** Looks at every rule: at once, or when the metrics of others have been read. */
  async #tick(): Promise<void> {
    if (this.#others.length === 0) return this.look();
    // Somebody's metric takes longer than the interval: it is waited for, up to a second.
    if (this.#reading) return;
    this.#reading = true;
    const samples = await this.packageMetrics.samples(this.#others);
    this.#reading = false;
    if (!this.#stopped) this.look(samples);
  }

  /**
   * Looks at every rule now: the timer does so, and a test may.
   *
   * @param others - series of the registry of `prom-client`; rules about those that are missing have no data
   */
  look(others: readonly Sample[] = []): void {
    try {
      this.gauges.sample();
      const at = this.clock.elapsed();
      const windows = this.#windows as SampleWindows;
      windows.take(at, this.#samples(windows.metrics, others));
      for (const watch of this.#watches) this.#lookAt(watch, windows, at);
    } catch (error) {
      this.#failures.bind({}).add(1);
      this.#logger.error({ msg: 'the rules of alerts could not be looked at', err: redactError(error) });
    }
  }

  #watch(rules: readonly AlertRule[]): SampleWindows {
    const identity = {
      ...(this.server !== undefined && { server: this.server.identity.name }),
      instance: hostname(),
    };
    this.#watches = rules.map((rule) => new AlertWatch(rule, identity));
    const measures = rules.flatMap(({ condition }) => [...measuresOf(condition)]);
    const longestMs = Math.max(0, ...measures.map(({ windowMs }) => windowMs ?? 0));
    const windows = new SampleWindows(
      measures.flatMap((measure) => selectorsOf(measure)),
      { size: Math.ceil(longestMs / this.intervalMs) + 2, bornAtZero: true },
    );
    for (const { name } of rules) this.#state.bind({ alert: name }).set(0);
    return (this.#windows = windows);
  }

  *#samples(metrics: ReadonlySet<string>, others: readonly Sample[]): Iterable<Sample> {
    yield* others;
    for (const family of this.telemetry.families()) {
      if (metrics.has(family.definition.name)) yield* family.samples();
    }
  }

  #lookAt(watch: AlertWatch, windows: SampleWindows, at: number): void {
    const { rule } = watch;
    const now = this.clock.now();
    const before = watch.stage;
    const occurrence = watch.look(windows, { at, now, silenced: this.#silences.of(rule.name, now) !== undefined });
    const { stage, value } = watch;
    this.#state.bind({ alert: rule.name }).set(LEVELS[stage]);
    if (stage !== before) this.#logger.debug({ msg: 'an alert changed', alert: rule.name, state: stage, value });
    if (occurrence !== undefined) this.deliveries.tell(rule.actions, occurrence);
  }

  #status(watch: AlertWatch): AlertStatus {
    const { rule, stage, value } = watch;
    const now = this.clock.now();
    const silence = this.#silences.of(rule.name, now);
    return {
      name: rule.name,
      condition: describeRule(rule),
      state: stage,
      ...(watch.since !== undefined && { since: new Date(watch.since).toISOString() }),
      ...(value !== undefined && Number.isFinite(value) && { value }),
      severity: rule.labels['severity'] ?? '',
      ...(rule.summary !== undefined && { summary: rule.summary }),
      actions: rule.actions,
      ...(silence !== undefined && { silence: { ...silence, until: new Date(silence.until).toISOString() } }),
    };
  }

  /** For health: alerts say what is wrong with calls, not that the server should get none. */
  #details(): HealthDetails {
    const alerts = this.list();
    const named = (state: AlertStage): readonly string[] =>
      alerts.filter((alert) => alert.state === state).map(({ name }) => name);
    return {
      firing: named('firing'),
      pending: named('pending'),
      silenced: alerts.filter(({ silence }) => silence !== undefined).map(({ name }) => name),
      undelivered: this.deliveries.waiting,
    };
  }
}
