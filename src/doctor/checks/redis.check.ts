import { openRedis, type RedisConnection, type RedisOptions } from '../../adapters/index.js';
import { InMemoryTelemetry } from '../../core/index.js';
import { NETWORK_MS, single, type ConfiguredFamily } from '../doctor-check.js';
import type { DoctorSubject } from '../doctor-subject.js';
import { fail, ok, type Finding } from '../finding.js';
import { probeTcp, reasonOf } from '../probe-tcp.js';

const DEFAULT_PORT = 6379;
/** Less than what the check gets, so that its own words are heard. */
const PATIENCE_MS = 1_500;

/** Whether Redis answers. */
export const redis: ConfiguredFamily = {
  name: 'redis',
  group: 'back ends',
  atStart: 'network',
  absent: 'redis.url is not set: processes share nothing.',
  checks: ({ config, clocks }) => {
    const { url } = config.redis;
    if (url === undefined) return [];
    return single('redis', NETWORK_MS, async (signal) => await ask(url, config.redis, clocks, signal));
  },
};

async function ask(
  url: string,
  options: RedisOptions,
  clocks: DoctorSubject['clocks'],
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { hostname, port, host } = new URL(url);
  try {
    await probeTcp(hostname.replaceAll(/[[\]]/g, ''), Number(port || DEFAULT_PORT), signal);
  } catch (error) {
    return [
      fail(
        `Redis at ${host} cannot be reached: ${reasonOf(error)}.`,
        'Start it, or correct redis.url. The server starts without it.',
      ),
    ];
  }
  const commandTimeoutMs = Math.min(options.commandTimeoutMs, PATIENCE_MS);
  const connectTimeoutMs = Math.min(options.connectTimeoutMs, PATIENCE_MS);
  const connection = await openRedis(url, { ...options, commandTimeoutMs, connectTimeoutMs }, new InMemoryTelemetry());
  try {
    if (!connection.ready) await becomesReady(connection);
    await clocks.read('redis', async () => {
      const [seconds, micros] = await connection.run(async (client) => await client.time());
      return { answer: undefined, time: Number(seconds) * 1000 + Number(micros) / 1000 };
    });
    return [ok(`Redis at ${host} answers.`)];
  } catch (error) {
    return [
      fail(
        `Redis at ${host} takes connections, but does not answer: ${reasonOf(error)}.`,
        'See whether it hangs, whether the user and password of redis.url are right, and whether it expects TLS (rediss://).',
      ),
    ];
  } finally {
    connection.onApplicationShutdown();
  }
}

/** What is wrong comes as an event of the next attempt. */
async function becomesReady(connection: RedisConnection): Promise<void> {
  await connection.run(
    async (client) =>
      await new Promise<void>((resolve, reject) => {
        client.once('ready', resolve);
        client.once('error', reject);
      }),
  );
}
