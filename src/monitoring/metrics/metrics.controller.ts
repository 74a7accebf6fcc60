import { Controller, Get, NotFoundException, Res, UseGuards } from '@nestjs/common';
import { PrometheusController } from '@willsoto/nestjs-prometheus';
import { MonitoringGuard, ReadableWith } from '../monitoring.guard.js';
import { MonitoringSettings } from '../monitoring.settings.js';
import { CONTENT_TYPE } from './exposition.js';
import { MetricsPage } from './metrics-page.js';

/** What Fastify's and Express's responses have in common. */
interface RouteResponse {
  header(name: string, value: string): unknown;
}

/** `/metrics` on the main port, for those who may read it; `PrometheusModule` says where it is. */
@Controller()
@UseGuards(MonitoringGuard)
export class MetricsController extends PrometheusController {
  constructor(
    private readonly page: MetricsPage,
    private readonly settings: MonitoringSettings,
  ) {
    super();
  }

  /** @throws NotFoundException when metrics are off, or on a port of their own */
  @Get()
  @ReadableWith('rookery:metrics', 'rookery:operate')
  override async index(@Res({ passthrough: true }) response: RouteResponse): Promise<string> {
    const { enabled, exportPort } = this.settings.metrics;
    if (!enabled) throw new NotFoundException('Metrics are off: see monitoring.metrics.enabled.');
    if (exportPort !== undefined) {
      throw new NotFoundException('Metrics are on a port of their own: see monitoring.metrics.exportPort.');
    }
    response.header('content-type', CONTENT_TYPE);
    response.header('cache-control', 'no-store');
    return await this.page.text();
  }
}
