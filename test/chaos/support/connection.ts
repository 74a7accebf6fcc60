import { Agent, request, type IncomingMessage } from 'node:http';
import { ENVELOPE, modernHeaders } from '../../e2e/support/envelope.js';
import type { ChaosTool } from './bounds.js';

/** After how long a call counts as one that is never answered. */
const NEVER_MS = 20_000;
const LINE_START = 'data: ';

/** A tool with its arguments. */
export interface ToolUse {
  readonly tool: ChaosTool;
  readonly args?: object;
}

/** A call as its client saw it. */
export interface Seen {
  readonly use: ToolUse;
  /** `ok`, or the code of the failure; `draining` of a server that takes nothing any more; `lost`: no answer came. */
  readonly code: string;
  readonly text: string;
  /** Why no answer came. */
  readonly problem?: string | undefined;
  /** When it was made, in milliseconds on a clock that all processes of the machine have. */
  readonly begunAt: number;
  /** From before the first byte of the request was written until the last one of the answer had been read. */
  readonly ms: number;
  /** `Retry-After`, seconds. */
  readonly retryAfter?: number | undefined;
  /** Notifications before the answer. */
  readonly notified: number;
}

/** How a call is made. */
export interface CallSettings {
  /** Asks for progress, and for log messages of every level. */
  readonly listening?: boolean;
  /** Handed the response before it is read: to read it late. */
  readonly beforeReading?: (response: IncomingMessage) => Promise<void>;
}

interface Message {
  readonly id?: unknown;
  readonly result?: {
    readonly isError?: boolean;
    readonly content?: readonly { readonly text?: string }[];
    readonly _meta?: Readonly<Record<string, string>>;
  };
  readonly error?: { readonly message: string; readonly data?: { readonly code?: string } };
}

/** What went wrong with the first call on a connection. */
class NewConnectionError extends Error {
  readonly code: string | undefined;

  constructor(cause: NodeJS.ErrnoException) {
    super(cause.message, { cause });
    this.code = cause.code;
  }
}

/** What the client adds to an answer. */
type Measured = 'use' | 'begunAt' | 'ms';

/** Node's `performance.now()` begins with the process; this does not. */
export const machineMs = (): number => Number(process.hrtime.bigint()) / 1_000_000;

/** One kept connection of one caller, with one call on it at a time. */
export class Connection {
  static #calls = 0;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(
    readonly url: string,
    readonly key: string,
  ) {}

  /** Makes a call; never rejects. */
  async call(use: ToolUse, settings: CallSettings = {}): Promise<Seen> {
    const id = `call-${++Connection.#calls}`;
    const begunAt = machineMs();
    try {
      const answered = await this.#exchange(id, use, settings);
      return { use, ...answered, begunAt, ms: machineMs() - begunAt };
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      // Nobody listens, or nobody took the connection that the kernel had made already: nothing was accepted. Had it been,
      // the call would be on record, and calls that were answered are compared with those.
      const refused = code === 'ECONNREFUSED' || (code === 'ECONNRESET' && error instanceof NewConnectionError);
      const ms = machineMs() - begunAt;
      const problem = code ?? message;
      return { use, code: refused ? 'draining' : 'lost', text: '', problem, begunAt, ms, notified: 0 };
    }
  }

  close(): void {
    this.#agent.destroy();
  }

  #exchange(id: string, use: ToolUse, settings: CallSettings): Promise<Omit<Seen, Measured>> {
    const listening = { progressToken: id, 'io.modelcontextprotocol/logLevel': 'debug' };
    const _meta = settings.listening === true ? { ...ENVELOPE, ...listening } : ENVELOPE;
    const params = { name: use.tool, arguments: use.args ?? {}, _meta };
    const body = JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call', params });
    const headers = {
      ...modernHeaders('tools/call', use.tool),
      'x-api-key': this.key,
      'content-length': Buffer.byteLength(body),
    };
    return new Promise((resolve, reject) => {
      const outgoing = request(this.url, { method: 'POST', agent: this.#agent, headers });
      const timer = setTimeout(() => outgoing.destroy(new Error(`no answer in ${NEVER_MS} ms`)), NEVER_MS);
      outgoing.once('error', (error: NodeJS.ErrnoException) => {
        reject(outgoing.reusedSocket ? error : new NewConnectionError(error));
      });
      outgoing.once('close', () => clearTimeout(timer));
      outgoing.once('response', (response) => {
        const ready = settings.beforeReading?.(response) ?? Promise.resolve();
        ready.then(() => readAnswer(id, response)).then(resolve, reject);
      });
      outgoing.end(body);
    });
  }
}

/** Reads to the end and judges it: one answer, no more and no less, and it is to this call. */
async function readAnswer(id: string, response: IncomingMessage): Promise<Omit<Seen, Measured>> {
  const { statusCode = 0, headers } = response;
  const retryAfter = headers['retry-after'] === undefined ? undefined : Number(headers['retry-after']);
  const events = headers['content-type']?.startsWith('text/event-stream') === true;
  let answer: Message | undefined;
  let notified = 0;
  let rest = '';
  const take = (text: string): void => {
    // Of a flood only what is an answer is worth parsing.
    if (!text.includes(`"id":"${id}"`)) return void notified++;
    if (answer !== undefined) throw new Error('it was answered twice');
    answer = JSON.parse(text) as Message;
  };
  response.setEncoding('utf8');
  for await (const chunk of response as AsyncIterable<string>) {
    rest += chunk;
    if (!events) continue;
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line.startsWith(LINE_START)) take(line.slice(LINE_START.length));
  }
  if (statusCode === 503) return { code: 'draining', text: rest, retryAfter, notified };
  if (!events) take(rest);
  if (answer === undefined)
    throw new Error(`status ${statusCode} without an answer to the call: ${rest.slice(0, 200)}`);
  const { result, error } = answer;
  if (result === undefined) {
    return { code: error?.data?.code ?? 'error', text: error?.message ?? '', retryAfter, notified };
  }
  const code = result.isError === true ? (result._meta?.['rookery/code'] ?? 'tool_error') : 'ok';
  return { code, text: result.content?.[0]?.text ?? '', retryAfter, notified };
}
