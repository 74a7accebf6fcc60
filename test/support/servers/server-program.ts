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
    for (;;) {
      const answered = await this.#answers();
      // Who answers may be another that has taken its port.
      const over = child.pid === undefined || child.exitCode !== null;
      if (answered && !over) return;
      if (over || Date.now() > deadline) {
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

  /** Ends it as a crash does; resolves when none of its processes is left. */
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
    let killed = signal === 'SIGKILL' ? this.#killAll() : [];
    if (signal !== 'SIGKILL') child.kill(signal);
    const late = setTimeout(() => (killed = this.#killAll()), END_MS);
    await ended;
    clearTimeout(late);
    await goneAll(killed);
    this.#child = undefined;
  }

  /**
   * All of them as if at once: while it is stopped it starts no process and tells none that something is wrong, and none of
   * its own outlives it, to go on with what a client asked or to keep a new server from the memory that they shared.
   *
   * @returns the processes that it had started
   */
  #killAll(): readonly number[] {
    const pid = this.#child?.pid;
    this.freeze();
    const children = pid === undefined ? [] : childrenOf(pid);
    for (const one of children) send(one, 'SIGKILL');
    this.#signal('SIGKILL');
    return children;
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
    for (const one of [pid, ...childrenOf(pid)]) send(one, signal);
  }
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It ended by itself in the meantime.
  }
}

/** Resolves when none of these processes runs any more. */
async function goneAll(pids: readonly number[]): Promise<void> {
  const deadline = Date.now() + END_MS;
  while (pids.some(isRunning)) {
    if (Date.now() > deadline) throw new Error(`Processes ${pids.filter(isRunning).join(', ')} outlived SIGKILL.`);
    await sleep(5);
  }
}

/** Whether it holds anything yet; not one that has ended and that nobody has asked about. */
function isRunning(pid: number): boolean {
  try {
    const [, state = ''] = /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return state !== 'Z' && state !== 'X';
  } catch {
    return false;
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
