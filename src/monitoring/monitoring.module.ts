import {
  ConfigurableModuleBuilder,
  Global,
  Module,
  type DynamicModule,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { TerminusModule } from '@nestjs/terminus';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import type { z } from 'zod';
import { ActiveCall, CallObservers, HealthIndicators, ServerStatus, Telemetry, TracerSource } from '../core/index.js';
import { AlertClock } from './alerts/alert-clock.js';
import { Alerts } from './alerts/alerts.js';
import { AlertActions } from './alerts/delivery/alert-actions.js';
import { Deliveries } from './alerts/delivery/deliveries.js';
import { DiskProbe } from './health/disk-probe.js';
import { EventLoopProbe } from './health/event-loop-probe.js';
import { HealthChecks } from './health/health-checks.js';
import { HealthExplorer } from './health/health-explorer.js';
import { HealthController } from './health/health.controller.js';
import { MemoryProbe } from './health/memory-probe.js';
import { MetricsController } from './metrics/metrics.controller.js';
import { MetricsPage } from './metrics/metrics-page.js';
import { MetricsServer } from './metrics/metrics-server.js';
import { PackageMetrics } from './metrics/package-metrics.js';
import { ServerGauges } from './metrics/server-gauges.js';
import { MonitoringAccess } from './monitoring-access.js';
import { monitoringOptions } from './monitoring.options.js';
import { MonitoringSettings, MonitoringSituation } from './monitoring.settings.js';
import { Tracing } from './tracing/tracing.js';

/** What {@link MonitoringModule} takes: the section `monitoring`; everything has a default. */
export type MonitoringModuleOptions = z.input<typeof monitoringOptions>;

/** What must be known before options can be injected. */
export interface MonitoringExtras {
  /** Who may read `/metrics` and `/health` on the main port; its dependencies are injected. @default nobody */
  readonly access?: Type<MonitoringAccess> | undefined;
  /** Whether `metrics.exportPort` is listened on and calls are traced: not in a process for one command. @default true */
  readonly serves?: boolean | undefined;
}

const { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } = new ConfigurableModuleBuilder<MonitoringModuleOptions>({
  moduleName: 'Monitoring',
})
  .setClassMethodName('forRoot')
  .setExtras<MonitoringExtras>({ access: undefined, serves: true }, (definition, { access, serves = true }) => ({
    ...definition,
    providers: [
      ...(definition.providers ?? []),
      { provide: MonitoringSituation, useValue: { serves } },
      ...(access === undefined ? [] : [{ provide: MonitoringAccess, useClass: access }]),
    ],
    exports: [...(definition.exports ?? []), ...(access === undefined ? [] : [MonitoringAccess])],
  }))
  .build();

/**
 * Metrics for Prometheus and health for orchestrators and people. Import it once; a team's own metrics
 * (`makeCounterProvider()` … of `@willsoto/nestjs-prometheus`) are on the same page, and its `@HealthIndicator()`
 * methods in the same health.
 *
 * `/health/live` and `/health/ready` are for everybody. `/metrics` and `/health` are for whom `access` lets in, or
 * `/metrics` is on `metrics.exportPort`. Do not import `PrometheusModule` beside it, which would want `/metrics` too.
 *
 * @example
 * ```ts
 * MonitoringModule.forRoot({ metrics: { exportPort: 9090 }, health: { disk: { paths: ['/var/lib/rookery'] } } });
 * ```
 */
@Global()
@Module({
  imports: [
    TerminusModule.forRoot({ logger: false }),
    PrometheusModule.register({
      path: '/metrics',
      controller: MetricsController,
      defaultMetrics: { enabled: false },
    }),
  ],
  controllers: [HealthController],
  providers: [
    {
      provide: MonitoringSettings,
      useFactory: parseOptions,
      inject: [{ token: MODULE_OPTIONS_TOKEN, optional: true }],
    },
    {
      provide: TracerSource,
      useFactory: tracingOf,
      inject: [
        MonitoringSettings,
        ActiveCall,
        CallObservers,
        Telemetry,
        HealthIndicators,
        { token: ServerStatus, optional: true },
        { token: MonitoringSituation, optional: true },
      ],
    },
    PackageMetrics,
    ServerGauges,
    MetricsPage,
    MetricsServer,
    HealthChecks,
    HealthExplorer,
    AlertClock,
    AlertActions,
    Deliveries,
    Alerts,
  ],
  exports: [MonitoringSettings, Alerts, TracerSource, MetricsPage, MetricsServer, HealthChecks, TerminusModule],
})
export class MonitoringModule
  extends ConfigurableModuleClass
  implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy
{
  readonly #eventLoop: EventLoopProbe;
  #sampling: NodeJS.Timeout | undefined;

  /** Everything has a default. Wrong options stop the start, with their keys. */
  static override forRoot(options: MonitoringModuleOptions & MonitoringExtras = {}): DynamicModule {
    return super.forRoot(options);
  }

  constructor(
    private readonly settings: MonitoringSettings,
    private readonly packageMetrics: PackageMetrics,
    private readonly gauges: ServerGauges,
    private readonly indicators: HealthIndicators,
  ) {
    super();
    this.#eventLoop = new EventLoopProbe(settings.health.eventLoop.maxDelayMs);
  }

  onModuleInit(): void {
    const { metrics, health } = this.settings;
    if (metrics.enabled) this.packageMetrics.collectProcess();
    if (!health.enabled) return;
    this.indicators.add(this.#eventLoop);
    this.indicators.add(new MemoryProbe(health.memory));
    if (health.disk.paths.length > 0) this.indicators.add(new DiskProbe(health.disk));
  }

  onApplicationBootstrap(): void {
    const { metrics, health } = this.settings;
    if (health.enabled) this.#eventLoop.start();
    this.#sampling = setInterval(() => this.gauges.sample(), metrics.collectionInterval * 1000).unref();
  }

  onModuleDestroy(): void {
    this.#eventLoop.stop();
    clearInterval(this.#sampling);
  }
}

/** @throws Error listing every fault with its key. */
function parseOptions(options: MonitoringModuleOptions = {}): MonitoringSettings {
  const result = monitoringOptions.safeParse(options);
  if (result.success) return new MonitoringSettings(result.data);
  const faults = result.error.issues.map(({ path, message }) => `- ${['monitoring', ...path].join('.')}: ${message}`);
  throw new Error(`MonitoringModule.forRoot() was given wrong options:\n${faults.join('\n')}`);
}

/** What a server without a status is called in its traces. */
const NAMELESS = { name: 'rookery', version: '0.0.0' };

function tracingOf(
  { tracing, health }: MonitoringSettings,
  active: ActiveCall,
  observers: CallObservers,
  telemetry: Telemetry,
  indicators: HealthIndicators,
  status?: ServerStatus,
  situation?: MonitoringSituation,
): Promise<Tracing> {
  const shown = health.enabled ? indicators : undefined;
  const identity = status?.identity ?? NAMELESS;
  const settings = { ...tracing, enabled: tracing.enabled && situation?.serves !== false };
  return Tracing.of({ settings, identity, active, observers, telemetry, indicators: shown });
}
