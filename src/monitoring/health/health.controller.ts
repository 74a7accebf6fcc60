import { Controller, Get, Header, HttpCode, HttpStatus, ServiceUnavailableException, UseGuards } from '@nestjs/common';
import { ServerStatus } from '../../core/index.js';
import { MonitoringGuard, ReadableWith } from '../monitoring.guard.js';
import { HealthChecks, type HealthReport } from './health-checks.js';

/** What an orchestrator asks: may it live, may it get traffic. Everybody may ask that, and learns no more. */
@Controller('health')
export class HealthController {
  constructor(
    private readonly status: ServerStatus,
    private readonly checks: HealthChecks,
  ) {}

  /** 200 while the process serves at all; a failing answer means restart it. Nothing is checked. */
  @Get('live')
  @HttpCode(HttpStatus.OK)
  @Header('cache-control', 'no-store')
  live(): { readonly status: 'ok' } {
    return { status: 'ok' };
  }

  /**
   * 200 while new requests are welcome; 503 before everything is prepared, while draining and while a critical check
   * fails. What is not critical and fails makes it `degraded`, with 200.
   */
  @Get('ready')
  @HttpCode(HttpStatus.OK)
  @Header('cache-control', 'no-store')
  async ready(): Promise<{ readonly status: 'ok' | 'degraded' }> {
    if (!this.status.ready) {
      throw new ServiceUnavailableException({ status: this.status.draining ? 'draining' : 'starting' });
    }
    const { status } = await this.checks.report();
    if (status === 'ok' || status === 'degraded') return { status };
    throw new ServiceUnavailableException({ status });
  }

  /** What every check found, for operators: it names back ends and why they fail. 503 as {@link ready} answers it for failing checks. */
  @Get()
  @Header('cache-control', 'no-store')
  @UseGuards(MonitoringGuard)
  @ReadableWith('rookery:operate')
  async details(): Promise<HealthReport> {
    const report = await this.checks.report();
    if (report.status === 'ok' || report.status === 'degraded') return report;
    throw new ServiceUnavailableException(report);
  }
}
