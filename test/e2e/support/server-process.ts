import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import type { JsonRpcAnswer } from './raw-http.js';

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** How a process is started. */
export interface ProcessOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A server in a process of its own, which is ended by its own id and no other. */
export class ServerProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #ended: Promise<Ending>;
  readonly #streams: Readonly<Record<'stdout' | 'stderr', Transcript>>;

  constructor(args: readonly string[], { cwd = process.cwd(), env = {} }: ProcessOptions = {}) {
    const { PATH = '', HOME = '' } = process.env;
    this.#child = spawn(process.execPath, [...args], { cwd, env: { PATH, HOME, ...env } });
    this.#ended = once(this.#child, 'close').then(([code, signal]) => ({ code, signal }));
    this.#streams = { stdout: new Transcript(this.#child.stdout), stderr: new Transcript(this.#child.stderr) };
    // A server that refuses its start closes the pipe that something is being written to.
    this.#child.stdin.on('error', () => undefined);
  }

  get stdout(): string {
    return this.#streams.stdout.text;
  }

  get stderr(): string {
    return this.#streams.stderr.text;
  }

  /** Resolves with the first match that a stream shows; rejects when the process ends without one. */
  shows(stream: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpExecArray> {
    return this.#streams[stream].shows(pattern);
  }

  /** Writes to its stdin as it is; resolves when it has gone out, or cannot any more. */
  write(bytes: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => void this.#child.stdin.write(bytes, () => resolve()));
  }

  /** Writes messages, one a line. */
  send(...messages: readonly object[]): void {
    void this.write(messages.map((message) => `${JSON.stringify(message)}\n`).join(''));
  }

  /** The JSON-RPC message with this id on its stdout. */
  async answer(id: string | number | null): Promise<JsonRpcAnswer> {
    const [line] = await this.shows('stdout', new RegExp(`^.*"id":${escape(JSON.stringify(id))}[,}].*$`, 'm'));
    return JSON.parse(line) as JsonRpcAnswer;
  }

  /** Closes its stdin. */
  endInput(): void {
    this.#child.stdin.end();
  }

  /** Sends it a signal. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Resolves when it has ended by itself. */
  ended(): Promise<Ending> {
    return this.#ended;
  }

  /** Ends it, whatever it is doing. */
  async stop(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill('SIGKILL');
    await this.#ended;
  }
}

/** Everything that a stream has shown. */
class Transcript {
  text = '';
  #over = false;
  readonly #waiting = new Set<() => void>();

  constructor(stream: Readable) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => {
      this.text += text;
      this.#waiting.forEach((look) => look());
    });
    stream.on('close', () => {
      this.#over = true;
      this.#waiting.forEach((look) => look());
    });
  }

  shows(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = pattern.exec(this.text);
        if (found !== null) resolve(found);
        else if (this.#over) reject(new Error(`It ended without ${String(pattern)}; it had shown:\n${this.text}`));
        else return;
        this.#waiting.delete(look);
      };
      this.#waiting.add(look);
      look();
    });
  }
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`);
}
