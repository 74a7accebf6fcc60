import { connect, type Socket } from 'node:net';
import type { ModernRequest } from './modern-request.js';

/** What came back. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

interface Waiting {
  readonly resolve: (answer: HttpAnswer) => void;
  readonly reject: (error: Error) => void;
}

/**
 * One connection that sends one request after another, and understands no more of HTTP than answers with a length: a
 * client that costs less than the servers it drives, also when every request is another one.
 */
export class HttpConnection {
  readonly #socket: Socket;
  readonly #head: string;
  #received = '';
  #waiting: Waiting | undefined;

  /** @param idleMs - the longest silence */
  constructor(url: string, idleMs: number) {
    const { hostname, port, host, pathname } = new URL(url);
    this.#head = `POST ${pathname} HTTP/1.1\r\nhost: ${host}\r\n`;
    this.#socket = connect(Number(port), hostname).setNoDelay().setEncoding('latin1');
    this.#socket.on('data', (chunk: string) => this.#receive(chunk));
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () => this.#fail(new Error(`${url} closed a connection`)));
    this.#socket.setTimeout(idleMs, () => this.#socket.destroy(new Error(`${url} did not answer in ${idleMs} ms`)));
  }

  /** Sends one request, of ASCII characters, and waits for its answer. */
  post({ headers, body }: ModernRequest): Promise<HttpAnswer> {
    let head = this.#head;
    for (const name in headers) head += `${name}: ${headers[name]}\r\n`;
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(`${head}content-length: ${body.length}\r\n\r\n${body}`, 'latin1');
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: string): void {
    this.#received += chunk;
    const end = this.#received.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = this.#received.slice(0, end);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    const begin = end + 4;
    if (this.#received.length < begin + length) return;
    const body = this.#received.slice(begin, begin + length);
    this.#received = this.#received.slice(begin + length);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve({ status: Number(head.slice(9, 12)), body });
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}
