import { TokenStore, type SealedRecord } from '../../auth/index.js';
import type { RedisConnection } from './redis-connection.js';
import { RedisScript } from './redis-script.js';

/** Puts where the version is the expected one; no version stands for no record. What has expired is gone already. */
const PUT = new RedisScript(`
  if (redis.call('HGET', KEYS[1], 'version') or '') ~= ARGV[1] then return 0 end
  redis.call('HSET', KEYS[1], 'version', ARGV[2], 'expiresAt', ARGV[3], 'sealed', ARGV[4])
  redis.call('PEXPIREAT', KEYS[1], ARGV[3])
  return 1
`);

const DELETE = new RedisScript(`
  local version = redis.call('HGET', KEYS[1], 'version')
  if not version or (ARGV[1] ~= '' and version ~= ARGV[1]) then return 0 end
  return redis.call('DEL', KEYS[1])
`);

/** Keeps sealed tokens in Redis until they expire. An empty Redis means that people consent again. */
export class RedisTokenStore extends TokenStore {
  constructor(private readonly connection: RedisConnection) {
    super();
  }

  override async get(key: string): Promise<SealedRecord | undefined> {
    const [version, expiresAt, sealed] = await this.connection.run(
      async (redis) => await redis.hmgetBuffer(keyOf(key), 'version', 'expiresAt', 'sealed'),
    );
    if (!version || !expiresAt || !sealed) return undefined;
    return { sealed: Uint8Array.from(sealed), version: version.toString(), expiresAt: Number(expiresAt.toString()) };
  }

  override async put(key: string, record: SealedRecord, expectedVersion = ''): Promise<boolean> {
    const { version, expiresAt, sealed } = record;
    const values = [expectedVersion, version, Math.floor(expiresAt), Buffer.from(sealed)];
    return (await this.connection.run(async (redis) => await PUT.run(redis, [keyOf(key)], values))) === 1;
  }

  override async delete(key: string, expectedVersion = ''): Promise<boolean> {
    const deleting = this.connection.run(async (redis) => await DELETE.run(redis, [keyOf(key)], [expectedVersion]));
    return (await deleting) === 1;
  }
}

function keyOf(key: string): string {
  return `token:${key}`;
}
