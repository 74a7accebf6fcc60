import { Injectable } from '@nestjs/common';
import { McpTool, RookeryServer, ServerStatus } from '../../index.js';
import { summarizeCalls } from './call-metrics.js';
import { healthOutput, type Health } from './health.schema.js';

/** The guide's tool for whoever operates the server. */
@Injectable()
export class OperationsTools {
  constructor(
    private readonly server: RookeryServer,
    private readonly status: ServerStatus,
  ) {}

  /** How the server is doing right now, from what it counts anyway; nothing is asked of anything else. */
  @McpTool({
    title: 'Health check',
    description: 'Get server health and status: version, uptime in seconds, tools, connections, and counts of calls.',
    outputSchema: healthOutput,
    annotations: { readOnlyHint: true, idempotentHint: true, openWorldHint: false },
  })
  healthCheck(): Health {
    return {
      status: this.status.draining ? 'draining' : 'healthy',
      version: this.server.version,
      uptime: this.server.uptime,
      tools_registered: this.server.tools.length,
      active_connections: this.server.connectionCount,
      metrics: summarizeCalls(this.server.getMetrics()),
    };
  }
}
