import {
  ALLOWED,
  LimitStore,
  type LimitRequest,
  type LimitUsage,
  type LimitVerdict,
} from '../../../resilience/index.js';
import type { RedisConnection } from '../redis-connection.js';
import type { RedisScript } from '../redis-script.js';
import { TAKE, USAGE } from './limit-scripts.js';
import { milliseconds, scriptArguments } from './script-arguments.js';

/** Calls that one script decides at most: Redis serves nobody else meanwhile. */
const MOST_CALLS = 64;

/** A call that waits for its verdict. */
interface Asked {
  readonly requests: readonly LimitRequest[];
  readonly resolve: (verdict: LimitVerdict) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Limits that hold over all processes that share a Redis: exact, by Redis's own clock, in at most one round trip for all
 * limits of a call. Calls that come in the same turn of the event loop go together, and are decided one after another.
 *
 * Each caller takes about 12 bytes a call of his largest limit, for as long as the longest window. All keys of a call
 * must be on one Redis: in a cluster, put a hash tag into `redis.keyPrefix`.
 */
export class RedisLimitStore extends LimitStore {
  #asked: Asked[] = [];

  constructor(private readonly connection: RedisConnection) {
    super();
  }

  override take(requests: readonly LimitRequest[]): Promise<LimitVerdict> {
    return new Promise((resolve, reject) => {
      const waiting = this.#asked.push({ requests, resolve, reject });
      if (waiting === 1) setImmediate(() => this.#send());
      else if (waiting === MOST_CALLS) this.#send();
    });
  }

  override async usage(requests: readonly LimitRequest[]): Promise<LimitUsage> {
    const used = await this.#run(USAGE, [requests]);
    let at = 0;
    return requests.map(({ rules }) => rules.map(() => used[at++] ?? 0));
  }

  #send(): void {
    const asked = this.#asked;
    if (asked.length === 0) return;
    this.#asked = [];
    const calls = asked.map(({ requests }) => requests);
    this.#run(TAKE, calls).then(
      (refused) => answer(asked, refused),
      (error: unknown) => asked.forEach(({ reject }) => reject(error)),
    );
  }

  #run(script: RedisScript, calls: readonly (readonly LimitRequest[])[]): Promise<readonly number[]> {
    const { keys, values } = scriptArguments(calls);
    return this.connection.run((redis) => script.run(redis, keys, values) as Promise<readonly number[]>);
  }
}

/** `refused` has four numbers for each call that was refused, in the order of the calls. */
function answer(asked: readonly Asked[], refused: readonly number[]): void {
  let at = 0;
  for (const [index, { resolve }] of asked.entries()) {
    if (refused[at] !== index + 1) {
      resolve(ALLOWED);
      continue;
    }
    const [, wait = 0, request = 0, rule = 0] = refused.slice(at, at + 4);
    resolve({ allowed: false, retryAfterMs: milliseconds(wait), request: request - 1, rule: rule - 1 });
    at += 4;
  }
}
