import { isObject } from '../../../src/core/index.js';
import { PROTOCOL_VERSION_META_KEY, type RequestId } from '../../../src/mcp/wire.js';
import type { SentRequest } from '../drive/known-handles.js';
import { shapeProblem } from './answer-shape.js';
import { show } from './show.js';
import { isDocumentedCode } from './error-codes.js';
import { cancels, expectationOf, isRequestId, mentions } from './expectation.js';
import { Progress } from './progress.js';

interface Entry {
  readonly request: SentRequest;
  readonly modern: boolean;
  /** How many requests had this id, and how many answers. */
  due: number;
  got: number;
  /** Whether it was perhaps taken back, or needs no answer any more. */
  optional: boolean;
  /** Whether it is one of several that may be refused as a whole. */
  batched: boolean;
  cancelled: boolean;
  silent: boolean;
}

type Message = Readonly<Record<string, unknown>>;

/** Keeps account of one channel: what was asked, what was answered, and everything that should not have happened. */
export class Ledger {
  readonly findings: string[] = [];
  readonly #entries = new Map<RequestId, Entry>();
  readonly #progress = new Progress();
  readonly #batches: (readonly RequestId[])[] = [];
  #nameless = { least: 0, most: 0, got: 0 };

  constructor(private readonly learn: (request: SentRequest, result: Message) => void = () => undefined) {}

  /** A message goes out. */
  sent(message: unknown): void {
    const { requests, nameless, allOrNothing } = expectationOf(message);
    this.#nameless.least += nameless.least;
    this.#nameless.most += nameless.most;
    for (const { id, message: request } of requests) this.#opened(id, request, allOrNothing);
    if (allOrNothing) this.#batches.push(requests.map(({ id }) => id));
  }

  /** A message may take requests back; answers that are already on their way may still come until {@link silence}. */
  cancelled(message: unknown): RequestId | undefined {
    const certain = cancels(message);
    for (const id of mentions(message)) {
      const entry = this.#entries.get(id);
      if (entry === undefined || entry.got >= entry.due) continue;
      if (id === certain) entry.cancelled = true;
      else entry.optional = true;
    }
    return certain;
  }

  /** From now on nothing may come for a request that was taken back. */
  silence(id: RequestId): void {
    const entry = this.#entries.get(id);
    if (entry?.cancelled === true && !entry.optional) entry.silent = true;
  }

  /** A message has come in; whether it is a request of the server's. */
  received(message: unknown): boolean {
    if (Array.isArray(message)) message.forEach((entry: unknown) => this.received(entry));
    else if (!isObject(message)) this.findings.push(`no message: ${JSON.stringify(message)}`);
    else if ('method' in message && 'id' in message) return true;
    else if ('method' in message) this.#notified(message);
    else this.#answered(message);
    return false;
  }

  /** Requests of a method need no answer any more. */
  excuse(method: string): void {
    for (const entry of this.#entries.values()) if (entry.request.method === method) entry.optional = true;
  }

  /** Requests that wait for their answer. */
  open(): readonly SentRequest[] {
    const mayComeAsBatch = this.#nameless.got < this.#nameless.least + this.#unansweredBatches();
    return [...this.#entries.values()]
      .filter(({ due, got, cancelled, optional }) => got < due && !cancelled && !optional)
      .filter(({ batched }) => !batched || mayComeAsBatch)
      .map(({ request }) => request);
  }

  /** Everything that was wrong, once nothing more will come. */
  close(): readonly string[] {
    const refused = this.#unansweredBatches();
    for (const { request, due, got, cancelled, optional, batched } of this.#entries.values()) {
      if (got > due || (got < due && !cancelled && !optional && !batched)) {
        this.findings.push(
          `${due} requests with id ${JSON.stringify(request.id)} had ${got} answers: ${show(request)}`,
        );
      }
    }
    const { least, most, got } = this.#nameless;
    if (got < least + refused || got > most) {
      this.findings.push(`${got} answers without an id instead of ${least + refused} to ${most}`);
    }
    return this.findings;
  }

  /** Batches with a request that has no answer though nobody took it back: refused as a whole, or not answered yet. */
  #unansweredBatches(): number {
    const isMissing = (id: RequestId): boolean => {
      const entry = this.#entries.get(id);
      return entry !== undefined && entry.got < entry.due && !entry.cancelled && !entry.optional;
    };
    return this.#batches.filter((ids) => ids.some(isMissing)).length;
  }

  #opened(id: RequestId, message: Message, batched: boolean): void {
    const params = isObject(message['params']) ? message['params'] : {};
    const meta = isObject(params['_meta']) ? params['_meta'] : {};
    const known = this.#entries.get(id);
    if (known !== undefined) {
      known.due++;
      known.batched ||= batched;
    }
    const entry = known ?? newEntry({ id, method: textOf(message['method']), params }, meta, batched);
    this.#entries.set(id, entry);
    if (meta['progressToken'] !== undefined) this.#progress.asked(meta['progressToken'], entry);
  }

  #answered(message: Message): void {
    const { id, error, result } = message;
    const entry = isRequestId(id) ? this.#entries.get(id) : undefined;
    // Which of two requests with one id is answered can't be told.
    if (entry !== undefined && entry.due > 1) return void entry.got++;
    if (id === null && isObject(error)) this.#nameless.got++;
    else if (entry === undefined) return void this.findings.push(`an answer to nothing: ${show(message)}`);
    else if (entry.silent) this.findings.push(`an answer to a cancelled request: ${show(message)}`);
    else entry.got++;
    const problem = shapeProblem(message, entry?.request.method, entry?.modern ?? false);
    if (problem !== undefined) this.findings.push(`${problem} in ${show(message)} to ${show(entry?.request)}`);
    if (isObject(error) && !isDocumentedCode(error['code'], entry?.modern ?? false) && !isMeant(entry)) {
      this.findings.push(`undocumented error ${show(message)} to ${show(entry?.request)}`);
    }
    if (entry !== undefined && isObject(result)) this.learn(entry.request, result);
  }

  #notified(message: Message): void {
    if (message['method'] !== 'notifications/progress') return;
    const problem = this.#progress.problem(message);
    if (problem !== undefined) this.findings.push(problem);
  }
}

function newEntry(request: SentRequest, meta: Message, batched: boolean): Entry {
  const modern = PROTOCOL_VERSION_META_KEY in meta;
  return { request, modern, batched, due: 1, got: 0, optional: false, cancelled: false, silent: false };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Whether what was called fails on purpose. */
function isMeant(entry: Entry | undefined): boolean {
  const { name, uri } = entry?.request.params ?? {};
  return [name, uri].some((target) => typeof target === 'string' && target.includes('faulty'));
}
