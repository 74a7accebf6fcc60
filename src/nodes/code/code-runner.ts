/** The languages that code nodes are written in. */
export type CodeLanguage = 'python' | 'javascript';

/** One piece of foreign code, to be run once. */
export interface CodeJob {
  readonly language: CodeLanguage;
  /** The code; indentation that all of it shares is removed. What it leaves in the variable `result` is the output. */
  readonly code: string;
  /** What the code finds as global variables: names that the language allows, values that JSON can carry. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Milliseconds that the code may run; then its sandbox is killed. */
  readonly timeoutMs: number;
  /** Mebibytes that the code and its interpreter may have. */
  readonly memoryLimitMb: number;
  /** Kills the sandbox. */
  readonly signal?: AbortSignal | undefined;
}

/** What a piece of foreign code came to. */
export interface CodeResult {
  /** The variable `result` as JSON; `null` when the code set none. */
  readonly result: unknown;
  /** What the code printed, as much as `maxOutputBytes` keeps of it. */
  readonly stdout: string;
  /** What it wrote to stderr, bounded likewise. */
  readonly stderr: string;
  /** The name of the runner, for example `bwrap-python`. */
  readonly runner: string;
  /** What kept the code apart from this machine, for example `files`, `network`. */
  readonly isolation: readonly string[];
  /** Milliseconds from handing the code to its sandbox to the whole answer. */
  readonly durationMs: number;
  /** What became of values that JSON cannot carry, each said once. */
  readonly notes: readonly string[];
  /** The streams of which only the beginning was kept, with all their bytes. */
  readonly truncated?: { readonly stdout?: number; readonly stderr?: number };
}

/** How a runner's test of itself ended. */
export type SelfTestResult =
  | {
      readonly passed: true;
      readonly isolation: readonly string[];
      /** Versions and what is installed, for people. */
      readonly details: Readonly<Record<string, string>>;
    }
  | {
      readonly passed: false;
      /** What is missing and what to do about it. */
      readonly reason: string;
    };

/**
 * Runs foreign code where it can do no harm: never in the server's process, without the server's files, environment
 * and network, in a sandbox that serves one job only. A runner that cannot promise this on this machine fails its
 * {@link selfTest} and is not used.
 */
export abstract class CodeRunner {
  abstract readonly name: string;
  abstract readonly language: CodeLanguage;
  /** What it keeps foreign code from; complete once {@link selfTest} has passed. */
  abstract readonly isolation: readonly string[];

  /** Runs a piece of code and what it must not be able to do. Never throws; called before the first {@link run}. */
  abstract selfTest(): Promise<SelfTestResult>;

  /**
   * Runs a job in a sandbox of its own.
   *
   * @throws CodeError the code failed
   * @throws CodeTimeoutError it ran longer than `timeoutMs`
   * @throws CodeMemoryError it wanted more than `memoryLimitMb`
   * @throws OutputTooLargeError its result or what it printed is too large
   * @throws CancelledError `signal` was aborted
   */
  abstract run(job: CodeJob): Promise<CodeResult>;

  /** Kills every sandbox and waits until they are gone. */
  abstract close(): Promise<void>;
}
