import { Injectable, Optional } from '@nestjs/common';
import { HealthChecks, McpTool, RookeryServer, ServerStatus, type HealthReport } from '../../index.js';
import { summarizeCalls } from './call-metrics.js';
import { healthOutput, type Health } from './health.schema.js';

/** What terminus calls a state, and what the guide does. */
const STATUSES: Readonly<Record<HealthReport['status'], Health['status']>> = {
  ok: 'healthy',
  degraded: 'degraded',
  error: 'unhealthy',
  shutting_down: 'draining',
};

/** The guide's tool for whoever operates the server. */
@Injectable()
export class OperationsTools {
  constructor(
    private readonly server: RookeryServer,
    private readonly status: ServerStatus,
    @Optional() private readonly checks?: HealthChecks,
  ) {}

  /** How the server is doing: what it counts, and what the health checks found, as `/health` has it. */
  @McpTool({
    title: 'Health check',
    description: 'Get server health and status: version, uptime in seconds, tools, connections, and counts of calls.',
    outputSchema: healthOutput,
    annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  })
  async healthCheck(): Promise<Health> {
    const report = await this.checks?.report();
    return {
      status: this.status.draining ? 'draining' : STATUSES[report?.status ?? 'ok'],
      version: this.server.version,
      uptime: this.server.uptime,
      tools_registered: this.server.tools.length,
      active_connections: this.server.connectionCount,
      metrics: summarizeCalls(this.server.getMetrics()),
      ...(report !== undefined && { checks: statesOf(report) }),
    };
  }
}

/** Only how they are: why is for those who may see details. */
function statesOf({ details }: HealthReport): NonNullable<Health['checks']> {
  return Object.fromEntries(Object.entries(details).map(([name, { status }]) => [name, status]));
}
