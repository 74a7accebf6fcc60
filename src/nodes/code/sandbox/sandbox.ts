import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import { CancelledError } from '../../../core/index.js';
import { CodeTimeoutError, OutputTooLargeError, SandboxError } from '../code-errors.js';
import { AnswerReader } from './answer-reader.js';
import { PrintedOutput } from './printed-output.js';

/** How to start a sandbox. Its environment is empty. */
export interface SandboxCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** Written to descriptor 4, which then ends. */
  readonly extra?: Buffer | undefined;
  /** Runs it as another user. */
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}

/** What a sandbox may say. */
export interface OutputLimits {
  readonly maxOutputBytes: number;
  readonly keepPrintedBytes: number;
}

/** What is handed to a sandbox. */
export interface SandboxJob {
  /** The request as JSON. */
  readonly request: Buffer;
  readonly timeoutMs: number;
  readonly memoryLimitMb: number;
  readonly signal?: AbortSignal | undefined;
}

/** How a sandbox ended its job: with an answer, or by ending itself. */
export interface SandboxOutcome {
  /** The answer; undefined when the process ended without one. */
  readonly body: Buffer | undefined;
  /** Whether something that was no answer stood on the channel for answers. */
  readonly forged: boolean;
  readonly ending: string;
  readonly stdout: { readonly text: string; readonly truncated?: number };
  readonly stderr: { readonly text: string; readonly truncated?: number };
}

const READY_MS = 60_000;

/**
 * One process that waits for one job, and is killed when it has answered, takes too long, says too much, or nobody
 * wants the answer any more. Killing the outermost process kills everything in its PID namespace.
 */
export class Sandbox {
  /** What it said when it was ready: JSON. Rejects with a {@link SandboxError} when it never is. */
  readonly ready: Promise<string>;
  /** Resolves when the process and everything that held its pipes is gone. Never rejects. */
  readonly closed: Promise<void>;
  readonly #child: ChildProcess;
  readonly #answers: AnswerReader;
  readonly #stdout: PrintedOutput;
  readonly #stderr: PrintedOutput;
  #ended: string | undefined;
  #changed: () => void = () => undefined;

  constructor(
    command: SandboxCommand,
    private readonly limits: OutputLimits,
  ) {
    this.#answers = new AnswerReader(limits.maxOutputBytes + 65_536);
    this.#stdout = new PrintedOutput(limits.keepPrintedBytes);
    this.#stderr = new PrintedOutput(limits.keepPrintedBytes);
    this.#child = spawn(command.file, command.args, {
      stdio: ['pipe', 'pipe', 'pipe', 'pipe', command.extra === undefined ? 'ignore' : 'pipe'],
      env: {},
      cwd: '/',
      detached: true,
      ...(command.uid === undefined ? {} : { uid: command.uid }),
      ...(command.gid === undefined ? {} : { gid: command.gid }),
    });
    this.closed = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        this.#end(signal ?? `exit code ${code}`);
        resolve();
      });
      this.#child.once('error', (error) => {
        this.#end(error.message);
        // A process that never began has no `close` to wait for.
        if (this.#child.pid === undefined) resolve();
      });
    });
    this.#watch(1, (chunk) => this.#stdout.add(chunk));
    this.#watch(2, (chunk) => this.#stderr.add(chunk));
    this.#watch(3, (chunk) => this.#answers.add(chunk));
    // Whoever ends without reading its job makes a pipe break; what matters is that it ended.
    this.#pipe(0)?.on('error', () => undefined);
    this.#pipe(4)
      ?.on('error', () => undefined)
      .end(command.extra);
    this.ready = this.#becomeReady();
    this.ready.catch(() => undefined);
  }

  /** Whether it can still be given a job. */
  get alive(): boolean {
    return this.#ended === undefined;
  }

  /** The process that stands for the sandbox, undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /**
   * Kills it with its process group: until bubblewrap has set up its namespaces, what it has started does not die with
   * it, and would wait for it for ever.
   */
  kill(): void {
    const { pid, exitCode, signalCode } = this.#child;
    // The number of a group that has ended may be another's.
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      this.#child.kill('SIGKILL');
    }
  }

  /** Hands it its job; call it once, when it is {@link ready}. @throws CodeTimeoutError, CancelledError, OutputTooLargeError */
  async run(job: SandboxJob): Promise<SandboxOutcome> {
    const nonce = randomBytes(16).toString('hex');
    const seconds = Math.ceil(job.timeoutMs / 1000) + 1;
    const input = this.#pipe(0);
    input?.write(`${nonce} ${job.request.length} ${job.memoryLimitMb} ${seconds}\n`);
    input?.end(job.request);
    let stopped: Error | undefined;
    const stop = (error: Error): void => {
      stopped ??= error;
      this.kill();
    };
    const timer = setTimeout(() => stop(new CodeTimeoutError(job.timeoutMs)), job.timeoutMs);
    const abort = (): void => stop(new CancelledError());
    job.signal?.addEventListener('abort', abort, { once: true });
    if (job.signal?.aborted === true) abort();
    try {
      const outcome = await this.#until(() => stopped === undefined && this.#outcome(nonce, stop));
      if (outcome !== undefined) return outcome;
      await this.closed;
      throw stopped ?? new SandboxError('The sandbox was lost.');
    } finally {
      clearTimeout(timer);
      job.signal?.removeEventListener('abort', abort);
      this.kill();
    }
  }

  /** The outcome once there is one, false before. */
  #outcome(nonce: string, stop: (error: Error) => void): SandboxOutcome | false {
    const { maxOutputBytes } = this.limits;
    if (this.#stdout.bytes > maxOutputBytes) stop(new OutputTooLargeError('stdout', maxOutputBytes));
    if (this.#stderr.bytes > maxOutputBytes) stop(new OutputTooLargeError('stderr', maxOutputBytes));
    const answer = this.#answers.answer(nonce);
    if (answer.state === 'too-large') stop(new OutputTooLargeError('result', maxOutputBytes));
    const forged = answer.state === 'forged';
    if (forged) this.kill();
    const said = answer.state === 'whole' && this.#printed(answer.marked, nonce);
    if (!said && this.#ended === undefined) return false;
    return {
      body: answer.state === 'whole' ? answer.body : undefined,
      forged,
      ending: this.#ended ?? '',
      stdout: this.#stdout.read(nonce),
      stderr: this.#stderr.read(nonce),
    };
  }

  /** Whether all that was printed has been read. */
  #printed(marked: string, nonce: string): boolean {
    return (
      (!marked.includes('1') || this.#stdout.endsWith(nonce)) && (!marked.includes('2') || this.#stderr.endsWith(nonce))
    );
  }

  async #becomeReady(): Promise<string> {
    const timer = setTimeout(() => this.kill(), READY_MS);
    timer.unref();
    const line = await this.#until(() => this.#answers.line() ?? false);
    clearTimeout(timer);
    if (line !== undefined && line !== '') return line;
    this.kill();
    await this.closed;
    const { text } = this.#stderr.read();
    // What the system said names paths of this machine: it is for the log and the self-test.
    throw new SandboxError(`The sandbox did not start (${this.#ended ?? 'no answer'}).`, {
      cause: new Error(text.trim().slice(-500)),
    });
  }

  /** Asks again whenever something was read, until there is an answer; undefined when the process ended without. */
  async #until<T>(look: () => T | false): Promise<T | undefined> {
    return await new Promise((resolve) => {
      this.#changed = () => {
        const found = look();
        if (found !== false) resolve(found);
        else if (this.#ended !== undefined) resolve(undefined);
      };
      this.#changed();
    });
  }

  #end(ending: string): void {
    this.#ended ??= ending;
    this.#changed();
  }

  #watch(channel: 1 | 2 | 3, take: (chunk: Buffer) => void): void {
    const stream = this.#child.stdio[channel] as Readable | null | undefined;
    stream?.on('error', () => undefined);
    stream?.on('data', (chunk: Buffer) => {
      take(chunk);
      this.#changed();
    });
  }

  #pipe(channel: 0 | 4): Writable | null | undefined {
    return this.#child.stdio[channel] as Writable | null | undefined;
  }
}
