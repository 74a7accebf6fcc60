import { SingleUseMarks } from '../../core/index.js';
import type { RedisConnection } from './redis-connection.js';

/**
 * Keeps marks in Redis, for all processes that share it. While Redis is away nothing can be claimed: the promise rejects,
 * as a mark that is claimed twice is worse.
 */
export class RedisSingleUseMarks extends SingleUseMarks {
  constructor(private readonly connection: RedisConnection) {
    super();
  }

  override async claim(mark: string, ttlMs: number): Promise<boolean> {
    const lifetime = Math.max(1, Math.ceil(ttlMs));
    return await this.connection.run(async (redis) => {
      return (await redis.set(keyOf(mark), '1', 'PX', lifetime, 'NX')) === 'OK';
    });
  }

  override async release(mark: string): Promise<void> {
    await this.connection.run(async (redis) => await redis.del(keyOf(mark)));
  }
}

function keyOf(mark: string): string {
  return `mark:${mark}`;
}
