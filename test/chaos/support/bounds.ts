/** What each tool of {@link ChaosTools} gets to answer in, in milliseconds. */
export const DEADLINES = {
  echo: 1_000,
  slow: 2_000,
  cached: 1_000,
  limited: 1_000,
  hang: 400,
  broken: 1_000,
  leak: 100,
  large: 5_000,
  flood: 30_000,
  block: 5_000,
  stuck: 60_000,
} as const;

/** A tool of the server under test. */
export type ChaosTool = keyof typeof DEADLINES;

/** Calls of `limited` that each principal may make in a minute. */
export const EXACT_LIMIT = 10;

/** Calls of tools that do not come back which run at once. */
export const HANGING_AT_ONCE = 8;

/** What an answer may take beyond its deadline, by the client's clock and by the server's: the promise. */
export const PROMISED_MS = 100;

/**
 * What may come on top where a test itself measures, and for calls that only their deadline ends while servers, Redis, the
 * callers and the test compete for two cores.
 */
export const MACHINE_MS = 2_000;

/** How soon after the return of Redis everything is as it was. */
export const RECOVERY_MS = 5_000;
