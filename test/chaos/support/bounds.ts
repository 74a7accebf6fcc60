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

/** What an answer may take beyond its deadline, by the server's own clock: the promise. */
export const PROMISED_MS = 100;

/**
 * What it may take beyond that by the client's: the door, the wire, and a machine of two cores on which server, Redis
 * and the client that measures compete.
 */
export const MACHINE_MS = 2_000;

/** How soon after the return of Redis everything is as it was. */
export const RECOVERY_MS = 5_000;
