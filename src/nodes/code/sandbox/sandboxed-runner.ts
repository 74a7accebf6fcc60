import { performance } from 'node:perf_hooks';
import {
  CodeError,
  CodeMemoryError,
  CodeTimeoutError,
  OutputTooLargeError,
  SandboxError,
  type CodeFault,
} from '../code-errors.js';
import { CodeRunner, type CodeJob, type CodeResult } from '../code-runner.js';
import { jobRequest } from './job-request.js';
import { SandboxPool } from './sandbox-pool.js';
import { Sandbox, type OutputLimits, type SandboxCommand, type SandboxOutcome } from './sandbox.js';

/** What a sandbox answers, before it has been looked at. */
interface SandboxAnswer {
  readonly kind?: 'ok' | 'error' | 'memory' | 'timeout' | 'too_large';
  readonly result?: unknown;
  readonly notes?: readonly string[];
  readonly fault?: CodeFault;
  readonly line?: number | null;
}

/** How engines say that they had to give up for want of memory. */
const OUT_OF_MEMORY = /out of memory|allocation failed|bad_alloc|memory limit|cannot enlarge memory/i;

/** A runner whose sandboxes are processes that speak the protocol of {@link Sandbox}. */
export abstract class SandboxedRunner extends CodeRunner {
  readonly #pool: SandboxPool;
  #versions: Readonly<Record<string, string>> = {};

  constructor(
    private readonly limits: OutputLimits & { readonly maxInputBytes: number },
    poolSize: number,
  ) {
    super();
    this.#pool = new SandboxPool(() => this.#start(), poolSize);
  }

  /** How many sandboxes wait to be used. */
  get ready(): number {
    return this.#pool.ready;
  }

  /** What its sandboxes say is in them: the interpreter and what was imported ahead, with their versions. */
  versions(): Readonly<Record<string, string>> {
    return this.#versions;
  }

  /** How to start one sandbox. */
  protected abstract command(): Promise<SandboxCommand>;

  /** Narrows a sandbox, which was started for any job, to what this one may have. Does nothing unless a runner can. */
  protected narrow(_pid: number, _job: CodeJob): Promise<void> | void {}

  /** Said to code that imports what is not there. */
  protected get missingModuleHint(): string {
    return '';
  }

  /** Begins to keep sandboxes ready. Resolves when the pool is full. */
  async warm(): Promise<void> {
    await this.#pool.fill();
  }

  override async run(job: CodeJob): Promise<CodeResult> {
    const { request, notes } = jobRequest(job, this.limits, this.missingModuleHint);
    const sandbox = await this.#pool.take();
    try {
      await this.#narrow(sandbox, job);
      const began = performance.now();
      const outcome = await sandbox.run({ ...job, request });
      const durationMs = performance.now() - began;
      const { result, notes: said } = this.#interpret(job, outcome);
      const truncated = {
        ...(outcome.stdout.truncated === undefined ? {} : { stdout: outcome.stdout.truncated }),
        ...(outcome.stderr.truncated === undefined ? {} : { stderr: outcome.stderr.truncated }),
      };
      return {
        result,
        stdout: outcome.stdout.text,
        stderr: outcome.stderr.text,
        runner: this.name,
        isolation: this.isolation,
        durationMs,
        notes: [...new Set([...notes, ...said])],
        ...(Object.keys(truncated).length === 0 ? {} : { truncated }),
      };
    } finally {
      sandbox.kill();
      // Its failure is that of the next job, which finds no sandbox ready and starts one.
      void this.#pool.fill();
    }
  }

  override async close(): Promise<void> {
    await this.#pool.close();
  }

  async #start(): Promise<Sandbox> {
    const sandbox = new Sandbox(await this.command(), this.limits);
    sandbox.ready.then(
      (line) => (this.#versions = JSON.parse(line) as Record<string, string>),
      // The pool waits for it too, and hands the failure on.
      () => undefined,
    );
    return sandbox;
  }

  async #narrow(sandbox: Sandbox, job: CodeJob): Promise<void> {
    try {
      if (sandbox.pid !== undefined) await this.narrow(sandbox.pid, job);
    } catch (cause) {
      // What has ended meanwhile says so itself.
      if (sandbox.alive) throw new SandboxError('The memory of the sandbox could not be limited.', { cause });
    }
  }

  #interpret(job: CodeJob, outcome: SandboxOutcome): { readonly result: unknown; readonly notes: readonly string[] } {
    const answer = outcome.body === undefined ? undefined : parsed(outcome.body);
    const stdout = outcome.stdout.text === '' ? {} : { stdout: outcome.stdout.text.slice(0, 4_000) };
    if (outcome.forged || (outcome.body !== undefined && answer === undefined)) {
      const message = 'The code wrote to a channel that is not its own. Use stdout, and the variable `result`.';
      throw new CodeError({ type: 'ForgedAnswer', message, ...stdout });
    }
    switch (answer?.kind) {
      case 'ok':
        return { result: answer.result ?? null, notes: Array.isArray(answer.notes) ? answer.notes.map(String) : [] };
      case 'memory':
        throw new CodeMemoryError(job.memoryLimitMb, answer.line ?? undefined);
      case 'timeout':
        throw new CodeTimeoutError(job.timeoutMs);
      case 'too_large':
        throw new OutputTooLargeError('result', this.limits.maxOutputBytes);
      case 'error':
        throw new CodeError({ ...withoutNulls(answer.fault), ...stdout });
      default:
        if (OUT_OF_MEMORY.test(outcome.stderr.text)) throw new CodeMemoryError(job.memoryLimitMb);
        throw new CodeError({
          type: 'ProcessEnded',
          message: `The code ended its process (${outcome.ending}) and left no result.`,
          ...stdout,
        });
    }
  }
}

function parsed(body: Buffer): SandboxAnswer | undefined {
  try {
    const answer: unknown = JSON.parse(body.toString('utf8'));
    return typeof answer === 'object' && answer !== null ? answer : undefined;
  } catch {
    return undefined;
  }
}

/** Python says `None` where we leave out. */
function withoutNulls(fault: CodeFault | undefined): CodeFault {
  const entries = Object.entries(fault ?? {}).filter(([, value]) => value !== null);
  return { type: 'Error', message: '', ...Object.fromEntries(entries) };
}
