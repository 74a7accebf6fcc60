import { Injectable, Optional } from '@nestjs/common';
import { ServerStatus, Telemetry } from '../../core/index.js';

/** What the server knows of itself as gauges: read before every scrape, and every `collectionInterval`. */
@Injectable()
export class ServerGauges {
  readonly #connections;
  readonly #ready;
  readonly #uptime;

  constructor(
    telemetry: Telemetry,
    @Optional() private readonly status?: ServerStatus,
  ) {
    this.#connections = telemetry.gauge({
      name: 'rookery_connections',
      help: 'Clients being served: open HTTP exchanges, and connections of other transports.',
    });
    this.#ready = telemetry.gauge({ name: 'rookery_ready', help: 'Whether the server takes new calls: 1, or 0.' });
    this.#uptime = telemetry.gauge({ name: 'rookery_uptime_seconds', help: 'Seconds since the server was made.' });
    const info = telemetry.gauge({
      name: 'rookery_build_info',
      help: 'The server that this is, and the Node.js that runs it; always 1.',
      labels: ['name', 'version', 'node'],
    });
    const started = telemetry.gauge({
      name: 'rookery_start_time_seconds',
      help: 'When the server was made, in seconds of the epoch.',
    });
    if (status === undefined) return;
    const { identity, startedAt } = status;
    info.bind({ name: identity.name, version: identity.version, node: process.versions.node }).set(1);
    started.bind({}).set(startedAt.getTime() / 1000);
  }

  /** Reads them. */
  sample(): void {
    if (this.status === undefined) return;
    const { connections, ready, uptimeSeconds } = this.status;
    this.#connections.bind({}).set(connections);
    this.#ready.bind({}).set(ready ? 1 : 0);
    this.#uptime.bind({}).set(uptimeSeconds);
  }
}
