/** What a process has used so far. */
export interface Reading {
  /** Of all its threads. */
  readonly cpuMicroseconds: number;
  readonly rssBytes: number;
}

/** The message that asks a measured server for a `Reading`. */
export const readRequest = 'bench:read';
