import { Injectable, Optional } from '@nestjs/common';
import { RedisConnection } from '../adapters/index.js';
import { SqlConnections } from '../core/index.js';

/** As long as this a database gets to answer, in milliseconds: who asks for the status wants one. */
const PATIENCE_MS = 1_000;

/** Whether something that the server keeps its state in answers. */
export interface BackendStatus {
  readonly available: boolean;
}

/** What the server keeps its state in, besides its memory. */
export interface BackendsStatus {
  /** The database of `store.url`; absent where no module brings one. */
  readonly store?: BackendStatus;
  /** Whether Redis was there when last heard of; absent where none is configured. */
  readonly redis?: BackendStatus;
}

/** Asks the database and Redis whether they are there. */
@Injectable()
export class Backends {
  constructor(
    @Optional() private readonly connections?: SqlConnections,
    @Optional() private readonly redis?: RedisConnection,
  ) {}

  /** Does not reject, and takes a second at the most: a database that cannot be opened is not available. */
  async status(): Promise<BackendsStatus> {
    return {
      ...(this.connections && { store: { available: await answers(this.connections) } }),
      ...(this.redis && { redis: { available: this.redis.ready } }),
    };
  }
}

async function answers(connections: SqlConnections): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), PATIENCE_MS).unref();
  });
  const asked = connections.get('store').then(async (database) => {
    await database.check();
    return true;
  });
  try {
    return await Promise.race([asked.catch(() => false), late]);
  } finally {
    clearTimeout(timer);
  }
}
