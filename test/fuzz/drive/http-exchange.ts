import { setTimeout as delay } from 'node:timers/promises';
import { isObject } from '../../../src/core/index.js';
import type { RequestId } from '../../../src/mcp/wire.js';
import type { Question } from '../generate/answers.js';
import type { HttpStep } from '../generate/http.js';
import { expectationOf } from '../oracle/expectation.js';
import { httpProblem, isEventStream, refusesUnread } from '../oracle/http-answer.js';
import { Ledger } from '../oracle/ledger.js';
import { show } from '../oracle/show.js';
import { EventReader } from './event-reader.js';
import type { HttpWire, Received } from './http-wire.js';
import type { KnownHandles } from './known-handles.js';

/** How long nothing may happen before the client of something endless goes, and before an answer is given up. */
const QUIET_MS = 3;
const DEADLINE_MS = 5_000;
/** Bytes of headers that Node takes. */
const LONGEST_HEAD = 16_000;

/** What an exchange needs of the client that it belongs to. */
export interface ExchangeSurroundings {
  readonly known: KnownHandles;
  readonly takenBack?: (id: RequestId) => boolean;
  readonly asked?: (question: Question & { readonly id: RequestId }) => void;
  /** The request that comes back for what follows an event. */
  readonly resume?: (lastEventId: string) => readonly Buffer[];
}

/** One HTTP request and all that must come of it, on however many streams. */
export class HttpExchange {
  readonly findings: string[] = [];
  readonly requests: ReturnType<typeof expectationOf>['requests'];
  readonly #ledger: Ledger;
  #lastEventId: string | undefined;
  #endless = false;
  #headBytes = 0;

  constructor(
    private readonly step: HttpStep,
    private readonly message: unknown,
    private readonly around: ExchangeSurroundings,
  ) {
    this.requests = message === undefined ? [] : expectationOf(message).requests;
    this.#ledger = new Ledger((request, result) => around.known.learnFrom(request, result));
    this.#endless = step.kind === 'get';
  }

  /** Sends the request and waits for the end of its answer, coming back for it where it must. */
  async run(wire: HttpWire, parts: readonly Buffer[]): Promise<Received> {
    this.#headBytes = Math.max(0, parts[0]?.indexOf('\r\n\r\n') ?? 0);
    if (this.message !== undefined) this.#ledger.sent(this.message);
    let received = await this.#stream(wire, parts);
    if (this.step.leaves || this.#endless || this.#tookBack()) return received;
    if (!received.ended && received.problem === undefined && received.status === 0 && !this.#mayBeCut()) {
      this.findings.push(`no answer at all to ${show(this.message)}`);
      return received;
    }
    if (received.status === 0 && this.#mayBeCut()) return received;
    const problem = httpProblem(received, this.#mayBeCut());
    if (problem !== undefined) this.findings.push(problem);
    for (let again = 0; again < 5 && this.#isMissingAnswers(received) && this.around.resume !== undefined; again++) {
      if (this.#lastEventId === undefined || this.#tookBack()) return received;
      received = await this.#stream(wire, this.around.resume(this.#lastEventId));
      if (received.status === 404) return received;
    }
    if (this.#tookBack()) return received;
    this.#account(received);
    return received;
  }

  /** Whether the client has given the requests up, so that they need no answer. */
  #tookBack(): boolean {
    return this.requests.some(({ id }) => this.around.takenBack?.(id) ?? false);
  }

  /** Whether Node itself may refuse the request: headers of a hostile client, or too many of them. */
  #mayBeCut(): boolean {
    return this.step.forgeries.length > 0 || this.#headBytes > LONGEST_HEAD;
  }

  #isMissingAnswers(received: Received): boolean {
    return isEventStream(received) && this.#ledger.open().length > 0;
  }

  #account(received: Received): void {
    if (isEventStream(received)) this.findings.push(...this.#ledger.close());
    else if (received.status === 200) {
      this.#ledger.received(JSON.parse(received.body));
      this.findings.push(...this.#ledger.close());
    } else if (received.status === 202) {
      if (this.requests.length > 0) this.findings.push(`202 for a request: ${show(this.message)}`);
    } else if (received.status >= 400 && this.message !== undefined && !refusesUnread(received)) {
      this.#ledger.received(JSON.parse(received.body));
      this.findings.push(...this.#ledger.close());
    }
  }

  async #stream(wire: HttpWire, parts: readonly Buffer[]): Promise<Received> {
    const [first = Buffer.alloc(0), ...rest] = parts;
    const received = wire.send(first);
    for (const part of rest) {
      await Promise.resolve();
      wire.write(part);
    }
    const reader = new EventReader();
    const deadline = performance.now() + DEADLINE_MS;
    while (!received.ended && !wire.closed && performance.now() < deadline) {
      const quiet = await Promise.race([wire.change(), delay(QUIET_MS, true, { ref: false })]);
      if (isEventStream(received)) this.#take(reader, received);
      if (this.step.leaves || (quiet === true && this.#endless)) wire.hangUp();
    }
    if (isEventStream(received)) this.#take(reader, received);
    if (performance.now() >= deadline) {
      this.findings.push(`no end of the answer to ${show(this.message)}`);
      wire.hangUp();
    }
    return received;
  }

  #take(reader: EventReader, received: Received): void {
    try {
      for (const { id, data } of reader.take(received.body)) {
        if (id !== undefined) this.#lastEventId = id;
        this.around.known.learn('eventId', id);
        if (data !== '') this.#heard(JSON.parse(data));
      }
    } catch (error) {
      this.findings.push(`${String(error)} in an event stream`);
    }
  }

  #heard(message: unknown): void {
    if (this.step.kind === 'get') return;
    if (this.#ledger.received(message)) this.around.asked?.(message as Question & { readonly id: RequestId });
    if (isObject(message) && message['method'] === 'notifications/subscriptions/acknowledged') this.#endless = true;
  }
}
