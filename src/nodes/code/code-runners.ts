import { BubblewrapPythonRunner } from './bubblewrap/bubblewrap-python-runner.js';
import { CodeInputError, NoRunnerError } from './code-errors.js';
import type { CodeJob, CodeLanguage, CodeResult, CodeRunner, SelfTestResult } from './code-runner.js';
import type { CodeOptions } from './code.options.js';
import { PyodideRunner } from './pyodide/pyodide-runner.js';
import { QuickJsRunner } from './quickjs/quickjs-runner.js';
import { SandboxedRunner } from './sandbox/sandboxed-runner.js';
import { Slots } from './slots.js';

/** What became of one configured runner. */
export interface RunnerReport {
  readonly name: string;
  readonly language: CodeLanguage;
  /** `used`; `spare`: a better one works, so it was not tested; `refused` by its self-test. */
  readonly state: 'used' | 'spare' | 'refused';
  readonly selfTest?: SelfTestResult;
}

/** A job whose limits may be left to the configuration. */
export type CodeRequest = Omit<CodeJob, 'timeoutMs' | 'memoryLimitMb'> &
  Partial<Pick<CodeJob, 'timeoutMs' | 'memoryLimitMb'>>;

/** The runners that the options name, best first. */
export function configuredRunners(options: CodeOptions): readonly CodeRunner[] {
  return [
    ...options.python.runners.map((name) =>
      name === 'pyodide' ? new PyodideRunner(options) : new BubblewrapPythonRunner(options),
    ),
    ...(options.javascript.enabled ? [new QuickJsRunner(options)] : []),
  ];
}

/**
 * Runs foreign code in the first configured runner of its language that passed its self-test, so many at once as the
 * options allow. A language without such a runner is refused, never run in something weaker than what was configured.
 */
export class CodeRunners {
  readonly #slots: Slots;
  #reports: readonly RunnerReport[] = [];
  readonly #chosen = new Map<CodeLanguage, CodeRunner>();
  #started: Promise<void> | undefined;

  constructor(
    private readonly options: CodeOptions,
    private readonly runners: readonly CodeRunner[] = configuredRunners(options),
  ) {
    this.#slots = new Slots(options);
  }

  /** Tests the runners and chooses; then sandboxes are made ready in the background. Never rejects; asks once. */
  async start(): Promise<void> {
    this.#started ??= this.#choose();
    await this.#started;
  }

  /** What became of each configured runner, best first; empty until all are tested. */
  report(): readonly RunnerReport[] {
    return this.#reports;
  }

  /** The runner of a language, undefined when none works. */
  runnerOf(language: CodeLanguage): CodeRunner | undefined {
    return this.#chosen.get(language);
  }

  /** How many pieces of code run and wait. */
  get load(): { readonly running: number; readonly waiting: number } {
    return { running: this.#slots.running, waiting: this.#slots.waiting };
  }

  /**
   * Runs one piece of code, when its turn comes; a wait counts against no timeout.
   *
   * @throws NoRunnerError, CodeInputError, RookeryError `overloaded`, and what {@link CodeRunner.run} throws
   */
  async run(request: CodeRequest): Promise<CodeResult> {
    const { timeoutMs = this.options.timeoutMs, memoryLimitMb = this.options.memoryLimitMb } = request;
    atMost('timeout', timeoutMs, 'ms', this.options.maxTimeoutMs);
    atMost('memory limit', memoryLimitMb, 'MB', this.options.maxMemoryLimitMb);
    await this.start();
    const runner = this.#chosen.get(request.language);
    if (runner === undefined) throw new NoRunnerError(request.language, this.#reasons(request.language));
    return await this.#slots.run(() => runner.run({ ...request, timeoutMs, memoryLimitMb }), request.signal);
  }

  /** Kills every sandbox and waits until they are gone. */
  async close(): Promise<void> {
    await this.#started;
    await Promise.all(this.runners.map((runner) => runner.close()));
  }

  async #choose(): Promise<void> {
    this.#reports = (await Promise.all([this.#chooseFor('python'), this.#chooseFor('javascript')])).flat();
    for (const runner of this.#chosen.values()) {
      // What keeps a sandbox from starting is told to the job that wants one.
      if (runner instanceof SandboxedRunner) void runner.warm();
    }
  }

  async #chooseFor(language: CodeLanguage): Promise<readonly RunnerReport[]> {
    const reports: RunnerReport[] = [];
    for (const runner of this.runners) {
      if (runner.language !== language) continue;
      const { name } = runner;
      if (this.#chosen.has(language)) {
        reports.push({ name, language, state: 'spare' });
        continue;
      }
      const selfTest = await runner.selfTest();
      reports.push({ name, language, state: selfTest.passed ? 'used' : 'refused', selfTest });
      if (selfTest.passed) this.#chosen.set(language, runner);
      else await runner.close();
    }
    return reports;
  }

  #reasons(language: CodeLanguage): readonly string[] {
    return this.#reports.flatMap((report) =>
      report.language === language && report.selfTest?.passed === false ? [report.selfTest.reason] : [],
    );
  }
}

function atMost(what: string, value: number, unit: string, limit: number): void {
  if (Number.isFinite(value) && value > 0 && value <= limit) return;
  throw new CodeInputError(`The ${what} of code must be more than 0 and at most ${limit} ${unit}; it is ${value}.`);
}
