/** One bound: at most `limit` calls in any `windowMs` (half open: a call is forgotten when it is exactly that old). */
export interface LimitRule {
  readonly limit: number;
  readonly windowMs: number;
}

/**
 * Everything that bounds the calls of one key. Its rules look at the same calls, so a limit a minute and a burst a
 * second are two rules of one request.
 */
export interface LimitRequest<Rule extends LimitRule = LimitRule> {
  /** Whose calls are counted. Different in every request that is taken together. */
  readonly key: string;
  /** At least one. */
  readonly rules: readonly Rule[];
}

/** Every rule of every request has room, and the call is counted in all of them. */
export interface LimitAllowed {
  readonly allowed: true;
}

/** At least one rule has no room, and the call is counted nowhere. */
export interface LimitRefused {
  readonly allowed: false;
  /** Until all rules have room, if nobody else calls in between. More than 0. */
  readonly retryAfterMs: number;
  /** The request whose rule takes the longest: its place in what was asked for. */
  readonly request: number;
  /** That rule: its place in the request. */
  readonly rule: number;
}

/** What came of asking for room. */
export type LimitVerdict = LimitAllowed | LimitRefused;

/** Calls in the window of each rule, in the order of the requests and their rules. */
export type LimitUsage = readonly (readonly number[])[];

/** The verdict of those who pass. */
export const ALLOWED: LimitAllowed = Object.freeze({ allowed: true });

/**
 * Remembers when calls were made, for every limit of this server.
 *
 * Exact: a refused call would have broken a rule, an allowed one broke none, whoever else calls meanwhile. A store of
 * this process answers at once; one that is shared takes one round trip for all limits of a call.
 */
export abstract class LimitStore {
  /** Checks all rules of all requests, then counts the call in all or in none. Rejects when the store can't be reached. */
  abstract take(requests: readonly LimitRequest[]): LimitVerdict | Promise<LimitVerdict>;
  /** How much of each rule is used up, counting nothing. For operators, and for headers of ordinary routes. */
  abstract usage(requests: readonly LimitRequest[]): LimitUsage | Promise<LimitUsage>;
}
