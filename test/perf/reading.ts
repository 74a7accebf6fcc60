/** What a process has used so far. */
export interface Reading {
  /** Of all its threads. */
  readonly cpuMicroseconds: number;
  readonly rssBytes: number;
}

/** What a process still holds after two garbage collections. */
export interface MemoryReading {
  readonly heapUsed: number;
  /** Of buffers and the like, outside of the heap. */
  readonly external: number;
}

/** The message that asks a measured server for a `Reading`. */
export const readRequest = 'bench:read';

/** The message that asks a measured server, run with `--expose-gc`, for a `MemoryReading`. */
export const memoryRequest = 'bench:memory';
