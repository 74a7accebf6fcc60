/** A server in a process of its own. */
export interface Program {
  readonly name: string;
  /** A script for Node and its arguments; relative to `cwd`. It prints `listening <url>` once it serves. */
  readonly command: readonly string[];
  /** A folder with its own lockfile, installed when it is not yet. */
  readonly cwd: string;
  /** What it finds in its environment beside `PORT`, `PATH`, `HOME` and `NODE_ENV=production`. */
  readonly env: Readonly<Record<string, string>>;
  /** Options of Node itself. */
  readonly nodeOptions?: readonly string[];
}

/** A server that is measured: how to start it, and which of its tools is called. */
export interface Subject extends Program {
  /** The name of the echo tool to call. */
  readonly tool: string;
  /** Which part of the requests it gets: slow servers get fewer, so that a run ends. */
  readonly share: number;
}
