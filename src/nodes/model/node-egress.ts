import type { OnApplicationShutdown } from '@nestjs/common';
import { EgressGuard } from '../../core/index.js';

/** The way out for requests of nodes, by the rules of `nodes.api`. */
export class NodeEgress extends EgressGuard implements OnApplicationShutdown {
  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }
}
