import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { RequestId } from '../../../src/mcp/wire.js';
import { answerTo, rightAnswer, type AnswerRecipe, type Question } from '../generate/answers.js';
import type { HttpStep } from '../generate/http.js';
import { spelled } from '../generate/json.js';
import { mentions } from '../oracle/expectation.js';
import { httpProblem } from '../oracle/http-answer.js';
import { assemble, type Surroundings } from './assemble.js';
import { HttpExchange } from './http-exchange.js';
import { modernHeaders, sessionHeaders, written, type Headers } from './http-request.js';
import { HttpWire } from './http-wire.js';
import { KnownHandles } from './known-handles.js';

/** How many times as deep deep values are. */
const DEEPER = 5;
const LANES = 3;
const LONGEST_HEADER = 8_000;
const PLAIN = { forgeries: [], framing: 'length' } as const;

/** A client over HTTP with several connections and sessions. */
export class HttpPeer implements Surroundings {
  readonly known = new KnownHandles();
  readonly findings: string[] = [];
  readonly #lanes: readonly HttpWire[];
  readonly #back: HttpWire;
  readonly #open = new Set<RequestId>();
  /** Requests that were taken back, by themselves or with their session. */
  readonly #takenBack = new Set<RequestId>();
  #answering: Promise<unknown> = Promise.resolve();
  #sessionsEnded = false;
  #lastId = 0;
  #questions = 0;

  constructor(
    connect: () => Duplex,
    private readonly answers: readonly AnswerRecipe[],
  ) {
    this.#lanes = Array.from({ length: LANES }, () => new HttpWire(connect));
    this.#back = new HttpWire(connect);
  }

  nextId(): RequestId {
    const id = ++this.#lastId;
    return id % 2 === 0 ? `id-${id}` : id;
  }

  openId(pick: number): RequestId | undefined {
    return [...this.#open][pick % this.#open.size];
  }

  /** Begins a session. */
  async begin(version: string, declared: object): Promise<void> {
    const params = { protocolVersion: version, capabilities: declared, clientInfo: { name: 'fuzz', version: '0' } };
    const message = { jsonrpc: '2.0', id: this.nextId(), method: 'initialize', params };
    const received = await this.#post(this.#back, message, sessionHeaders(undefined));
    this.known.learn('sessionId', received.headers.get('mcp-session-id'));
  }

  /** Takes steps: in order on each lane, the lanes beside each other. */
  async take(steps: readonly HttpStep[]): Promise<void> {
    const lanes = this.#lanes.map(async (wire, lane) => {
      for (const step of steps) if (step.lane === lane) await this.#step(step, wire);
    });
    await Promise.all(lanes);
    await this.#answering;
  }

  close(): void {
    for (const wire of [...this.#lanes, this.#back]) wire.hangUp();
  }

  async #step(step: HttpStep, wire: HttpWire): Promise<void> {
    const session = singleLine(String(this.known.resolve(step.session)));
    if (step.kind === 'get' || step.kind === 'delete') return this.#bodiless(step, session, wire);
    const text = step.kind === 'text' ? step.text : spelled(assemble(step.recipe, this), DEEPER);
    const message = parsed(text);
    const headers = step.kind === 'legacy' ? sessionHeaders(session) : modernHeaders(message);
    for (const id of mentions(message)) this.#takenBack.add(id);
    await this.#exchange(step, written('POST', headers, text, step), message, wire, session);
  }

  async #bodiless(step: HttpStep & { kind: 'get' | 'delete' }, session: string, wire: HttpWire): Promise<void> {
    const last = step.kind === 'get' && step.last !== undefined ? this.known.resolve(step.last) : undefined;
    const headers: Headers = [
      ...sessionHeaders(session),
      ...(last === undefined
        ? []
        : [['last-event-id', singleLine(typeof last === 'string' ? last : JSON.stringify(last))] as const]),
    ];
    if (step.kind === 'delete') this.#sessionsEnded = true;
    await this.#exchange(step, written(step.kind.toUpperCase(), headers, undefined, step), undefined, wire, session);
  }

  async #exchange(
    step: HttpStep,
    parts: readonly Buffer[],
    message: unknown,
    wire: HttpWire,
    session: string,
  ): Promise<void> {
    const exchange = new HttpExchange(step, message, {
      known: this.known,
      takenBack: (id) => this.#sessionsEnded || this.#takenBack.has(id),
      asked: (question) => this.#asked(question, session),
      resume: (last) => written('GET', [...sessionHeaders(session), ['last-event-id', last]], undefined, PLAIN),
    });
    for (const { id } of exchange.requests) this.#open.add(id);
    await exchange.run(wire, parts);
    for (const { id } of exchange.requests) this.#open.delete(id);
    this.findings.push(
      ...exchange.findings.map((finding) => `${finding} [${step.kind} ${JSON.stringify(step.forgeries)}]`),
    );
  }

  /** Answers a question on a connection of its own, in turn. */
  #asked({ id, ...question }: Question & { readonly id: RequestId }, session: string): void {
    const recipe = this.answers[this.#questions++ % this.answers.length] ?? { kind: 'right' };
    const answer = recipe.kind === 'late' ? rightAnswer(question) : answerTo(question, recipe);
    const error = { code: -1, message: 'The user has no time.' };
    const bodies = recipe.kind === 'error' ? [{ error }] : [{ result: answer }, { result: rightAnswer(question) }];
    this.#answering = this.#answering.then(async () => {
      if (recipe.kind === 'late') await delay(2);
      // What is no answer leaves the question standing, so a right one follows.
      for (const body of bodies) await this.#post(this.#back, { jsonrpc: '2.0', id, ...body }, sessionHeaders(session));
      return undefined;
    });
  }

  async #post(wire: HttpWire, message: object, headers: Headers): ReturnType<HttpExchange['run']> {
    const step = { kind: 'text', text: '', lane: 0, session: NOWHERE, leaves: false, ...PLAIN } as const;
    const exchange = new HttpExchange(step, undefined, { known: this.known });
    const received = await exchange.run(wire, written('POST', headers, spelled(message, DEEPER), PLAIN));
    const problem = httpProblem(received, false);
    if (problem !== undefined) this.findings.push(`${problem} to a message of the client's`);
    return received;
  }
}

const NOWHERE = { $handle: 'sessionId', pick: 0, tamper: 'none' } as const;

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A value that leaves the framing of a request as it is. */
function singleLine(text: string): string {
  return text.replaceAll(/[\r\n\0]/g, '').slice(0, LONGEST_HEADER);
}
