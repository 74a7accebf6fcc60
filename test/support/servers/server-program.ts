import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** What to start, and how to see that it serves. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  /** Whose process it is; this user's by default. */
  readonly user?: { readonly uid: number; readonly gid: number } | undefined;
  /** Connects once; throws while the server is not ready. */
  readonly connect: () => Promise<void>;
  /** What asks it to end in order. */
  readonly endSignal: NodeJS.Signals;
}

const READY_MS = 30_000;
const END_MS = 5_000;

/** One server of a test: started, and for chaos tests frozen, killed and restarted, always by its own process id. */
export class ServerProgram {
  #child: ChildProcess | undefined;
  #output = '';
  readonly #lastResort = (): void => this.#signal('SIGKILL');

  constructor(private readonly program: Program) {}

  /** Resolves when the server answers. @throws Error with what it printed when it ends instead, or is too slow. */
  async start(): Promise<void> {
    const { command, args, user } = this.program;
    this.#output = '';
    const child = spawn(command, args, { ...user, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    const keep = (chunk: Buffer): void => void (this.#output = (this.#output + chunk.toString()).slice(-4_000));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => void (this.#output += error.message));
    process.once('exit', this.#lastResort);
    const deadline = Date.now() + READY_MS;
    while (!(await this.#answers())) {
      if (child.pid === undefined || child.exitCode !== null || Date.now() > deadline) {
        await this.kill();
        throw new Error(`${command} does not start: ${this.#output}`);
      }
      await sleep(20);
    }
  }

  /** Stops it in its tracks: connections stay, nothing is answered. */
  freeze(): void {
    this.#signal('SIGSTOP');
  }

  /** Lets it go on. */
  thaw(): void {
    this.#signal('SIGCONT');
  }

  /** Ends it as a crash does. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** Ends it in order; as a crash does when it doesn't follow. */
  async stop(): Promise<void> {
    this.thaw();
    await this.#end(this.program.endSignal);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    process.off('exit', this.#lastResort);
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    if (signal === 'SIGKILL') this.#signal(signal);
    else child.kill(signal);
    const late = setTimeout(() => this.#signal('SIGKILL'), END_MS);
    await ended;
    clearTimeout(late);
    this.#child = undefined;
  }

  async #answers(): Promise<boolean> {
    try {
      await this.program.connect();
      return true;
    } catch {
      return false;
    }
  }

  /** To the server and the processes that it started, which PostgreSQL has one of for every connection. */
  #signal(signal: NodeJS.Signals): void {
    const pid = this.#child?.pid;
    if (pid === undefined || this.#child?.exitCode !== null || this.#child.signalCode !== null) return;
    for (const one of [pid, ...childrenOf(pid)]) {
      try {
        process.kill(one, signal);
      } catch {
        // It ended by itself in the meantime.
      }
    }
  }
}

/** Its processes on Linux; elsewhere only the server itself gets signals. */
function childrenOf(pid: number): readonly number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
