import { alertmanager, promtool } from '../prometheus/index.js';
import { pythonWithPandas } from '../python/index.js';
import { postgresFolder, redisServer } from './binaries.js';

/** Installs what is missing before tests begin, whose hooks have less time; where it cannot, the tests that need it say so. */
export async function setup(): Promise<void> {
  await Promise.allSettled([postgresFolder(), redisServer(), promtool(), alertmanager(), pythonWithPandas()]);
}
