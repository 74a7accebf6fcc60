import {
  Injectable,
  Logger,
  ServiceUnavailableException,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { HealthCheckService, HealthIndicatorService, type HealthIndicatorResult } from '@nestjs/terminus';
import {
  HealthDegradedError,
  HealthIndicators,
  Telemetry,
  redactError,
  redactText,
  type Gauge,
  type HealthDetails,
  type HealthProbe,
} from '../../core/index.js';
import { MonitoringSettings } from '../monitoring.settings.js';
import { unknownCheckNames } from './check-names.js';
import { Refreshed } from './refreshed.js';

/** What one check found. A type, not an interface, so that terminus takes it for one of its results. */
export type HealthFinding = {
  /** `down`: the server should get no traffic. `degraded`: it works, but not as it should. */
  readonly status: 'up' | 'degraded' | 'down';
  readonly critical: boolean;
  /** Milliseconds that it took. */
  readonly responseTime: number;
  /** Why it is not up. */
  readonly message?: string;
  readonly details?: HealthDetails;
};

/** How the server is, as `@nestjs/terminus` writes it. */
export interface HealthReport {
  readonly status: 'ok' | 'degraded' | 'error' | 'shutting_down';
  /** Every check by name. */
  readonly details: Readonly<Record<string, HealthFinding>>;
}

/** How a finding stands in `rookery_health_check_state`. */
const LEVELS: Readonly<Record<HealthFinding['status'], number>> = { up: 0, degraded: 1, down: 2 };

/**
 * Makes the checks of {@link HealthIndicators}, each within its time, all at once. What they found holds for
 * `monitoring.health.healthCheckInterval`, and is looked at anew in that interval by itself.
 */
@Injectable()
export class HealthChecks implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger('Health');
  readonly #report: Refreshed<HealthReport>;
  readonly #state: Gauge;
  readonly #last = new Map<string, HealthFinding['status']>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly probes: HealthIndicators,
    private readonly indicators: HealthIndicatorService,
    private readonly terminus: HealthCheckService,
    private readonly settings: MonitoringSettings,
    telemetry: Telemetry,
  ) {
    const { healthCheckInterval } = settings.health;
    this.#report = new Refreshed(
      () => this.#look(),
      healthCheckInterval * 1000,
      () => performance.now(),
    );
    this.#state = telemetry.gauge({
      name: 'rookery_health_check_state',
      help: 'What each health check found last: 0 up, 1 degraded, 2 down.',
      labels: ['check'],
    });
  }

  /** How the server is, as last looked at; no older than the interval. Takes as long as the slowest check may. */
  report(): Promise<HealthReport> {
    return this.#report.get();
  }

  onApplicationBootstrap(): void {
    const { enabled, healthCheckInterval, checks } = this.settings.health;
    if (!enabled) return;
    const existing = this.probes.all().map(({ name }) => name);
    for (const fault of unknownCheckNames(Object.keys(checks), existing)) this.#logger.warn(fault);
    if (healthCheckInterval === 0) return;
    const look = (): void => {
      this.#report
        .refresh()
        .catch((error: unknown) => this.#logger.error({ msg: 'the checks failed', err: redactError(error) }));
    };
    this.#timer = setInterval(look, healthCheckInterval * 1000).unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<HealthReport> {
    const { enabled, checks } = this.settings.health;
    const probes = enabled ? this.probes.all().filter(({ name }) => checks[name]?.enabled !== false) : [];
    const found = await Promise.all(probes.map(async (probe) => await this.#check(probe)));
    const results = found.map(({ name, finding }): HealthIndicatorResult => ({ [name]: finding }));
    for (const { name, finding } of found) this.#note(name, finding);
    return await this.#summary(results);
  }

  async #check(probe: HealthProbe): Promise<{ readonly name: string; readonly finding: HealthFinding }> {
    const { name } = probe;
    const own = this.settings.health.checks[name];
    const critical = own?.critical ?? probe.critical ?? false;
    const timeoutMs = own?.timeoutMs ?? probe.timeoutMs ?? this.settings.health.timeoutMs;
    const said: { details?: HealthDetails | undefined; degraded?: HealthDegradedError } = {};
    const attempt = await this.indicators
      .check(name)
      .attempt(async ({ signal }) => {
        try {
          said.details = (await probe.check(signal)) ?? undefined;
        } catch (error) {
          if (!(error instanceof HealthDegradedError)) throw error;
          said.degraded = error;
        }
      })
      .withTimeout(timeoutMs);
    const { status, responseTime, message } = attempt[name] as AttemptResult;
    // Taken once: a check that is late may still say something.
    const { details, degraded } = said;
    if (status === 'up' && degraded === undefined) {
      return { name, finding: { status, critical, responseTime, ...(details && { details }) } };
    }
    const why = redactText(degraded?.message ?? message ?? 'It does not say why.');
    const finding: HealthFinding = {
      status: degraded === undefined && critical ? 'down' : 'degraded',
      critical,
      responseTime,
      message: why,
      ...(degraded !== undefined && { details: degraded.details }),
    };
    return { name, finding };
  }

  async #summary(results: readonly HealthIndicatorResult[]): Promise<HealthReport> {
    try {
      return (await this.terminus.check(results.map((result) => () => result))) as unknown as HealthReport;
    } catch (error) {
      // That is how terminus says that something is down.
      if (error instanceof ServiceUnavailableException) return error.getResponse() as HealthReport;
      throw error;
    }
  }

  /** A change is one line of the log, however often it is looked at. */
  #note(check: string, { status, message: reason }: HealthFinding): void {
    this.#state.bind({ check }).set(LEVELS[status]);
    const before = this.#last.get(check) ?? 'up';
    this.#last.set(check, status);
    if (before === status) return;
    if (status === 'up') this.#logger.log({ msg: 'a health check is well again', check });
    else this.#logger.warn({ msg: 'a health check is not well', check, status, reason });
  }
}

/** What terminus says of an attempt. */
interface AttemptResult {
  readonly status: 'up' | 'down';
  readonly responseTime: number;
  readonly message?: string;
}
