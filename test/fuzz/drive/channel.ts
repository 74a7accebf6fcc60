import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';
import { JSONRPCResponseSchema } from '@modelcontextprotocol/core';
import { isNestedTooDeeply } from '../../../src/mcp/nesting.js';
import type { RequestId } from '../../../src/mcp/wire.js';
import { MARK, answerTo, rightAnswer, type AnswerRecipe, type Question } from '../generate/answers.js';
import type { Step } from '../generate/conversation.js';
import { spelled } from '../generate/json.js';
import type { Recipe } from '../generate/recipe.js';
import { Ledger } from '../oracle/ledger.js';
import { assemble, type Surroundings } from './assemble.js';
import { KnownHandles } from './known-handles.js';

/** How long everything that was asked may take to be answered. */
const DEADLINE_MS = 10_000;

/** Rounds of waiting after which questions are answered that were left, and nothing is listened to any more. */
const PATIENCE = 5;

/** What may be different about a channel. */
export interface ChannelOptions {
  /** How many times as deep deep values are. @default 1 */
  readonly deeper?: number;
  /** What stands in place of each {@link MARK}. @default itself */
  readonly word?: string;
}

/** The client's end of a pipe to a server: sends what recipes say, answers what it is asked, keeps account. */
export class Channel implements Surroundings {
  readonly known = new KnownHandles();
  readonly ledger = new Ledger((request, result) => this.known.learnFrom(request, result));
  readonly #unanswered = new Map<RequestId, Question>();
  readonly #probes = new Map<RequestId, RequestId>();
  #lastId = 0;
  #left = false;

  /** @param answers - how the client answers, in turn */
  constructor(
    private readonly write: (text: string) => void,
    private readonly answers: readonly AnswerRecipe[],
    private readonly options: ChannelOptions = {},
  ) {}

  nextId(): RequestId {
    const id = ++this.#lastId;
    return id % 2 === 0 ? `id-${id}` : id;
  }

  openId(pick: number): RequestId | undefined {
    const open = this.ledger.open();
    return open[pick % open.length]?.id;
  }

  /** Goes through a conversation. */
  async hold(steps: readonly Step[]): Promise<void> {
    for (const { recipe, rest } of steps) {
      this.send(recipe);
      for (let turns = 0; turns < rest; turns++) await turn();
    }
    await this.settle();
  }

  /** Sends one message as it is made now. */
  send(recipe: Recipe): void {
    this.sendText(this.#spelled(assemble(recipe, this)));
  }

  /** Sends a message, and accounts for it as what it parses to. */
  sendText(text: string): void {
    if (this.#left) return;
    const message: unknown = JSON.parse(text);
    this.ledger.sent(message);
    const id = this.ledger.cancelled(message);
    this.write(text);
    if (id !== undefined) this.#silenceSoon(id);
  }

  /**
   * Whatever was sent before the cancellation arrives before the answer to what is asked after it. Nothing else has
   * the id of that: neither a request with an id of chance nor a question of the server's.
   */
  #silenceSoon(id: RequestId): void {
    const probe = `probe-${this.nextId()}`;
    this.#probes.set(probe, id);
    this.sendText(JSON.stringify({ jsonrpc: '2.0', id: probe, method: 'ping' }));
  }

  /** Takes what the server sent. */
  received(message: unknown): void {
    if (this.ledger.received(message)) this.#asked(message as Question & { readonly id: RequestId });
    const { id } = Object(message) as { readonly id?: RequestId };
    const cancelled = id === undefined ? undefined : this.#probes.get(id);
    if (cancelled !== undefined) this.ledger.silence(cancelled);
  }

  /** Sends nothing from here on. What only ends when its client wishes needs no answer then. */
  leave(): void {
    this.#left = true;
    this.ledger.excuse('subscriptions/listen');
  }

  /** Waits until all is answered that ends by itself; what would wait for ever is answered or cancelled. */
  async settle(): Promise<void> {
    const deadline = performance.now() + DEADLINE_MS;
    for (let round = 0; this.ledger.open().length > 0 && performance.now() < deadline; round++) {
      await (round < 20 ? turn() : delay(1));
      if (round >= PATIENCE) for (const [id, question] of this.#unanswered) this.#answer(id, rightAnswer(question));
      if (round === PATIENCE) this.#stopListening();
    }
    await turn();
    await turn();
  }

  #stopListening(): void {
    for (const { id, method } of this.ledger.open()) {
      if (method !== 'subscriptions/listen') continue;
      this.sendText(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } }));
    }
  }

  #asked({ id, ...question }: Question & { readonly id: RequestId }): void {
    const recipe = this.answers[this.#unanswered.size % this.answers.length] ?? { kind: 'right' };
    this.#unanswered.set(id, question);
    if (recipe.kind === 'late') return;
    setImmediate(() => {
      const error = recipe.kind === 'error' ? { code: -1, message: 'The user has no time.' } : undefined;
      this.#answer(id, answerTo(question, recipe), error);
      if (recipe.kind === 'twice') this.#answer(id, answerTo(question, recipe));
    });
  }

  #spelled(message: unknown): string {
    const { deeper = 1, word = MARK } = this.options;
    return spelled(message, deeper).replaceAll(MARK, word);
  }

  /** The server takes no notice of a response that is none or nested too deeply, so the question stays. */
  #answer(id: RequestId, result: unknown, error?: object): void {
    const response = { jsonrpc: '2.0', id, ...(error === undefined ? { result } : { error }) };
    const text = this.#spelled(response);
    if (isResponse(JSON.parse(text))) this.#unanswered.delete(id);
    this.sendText(text);
  }
}

function isResponse(message: unknown): boolean {
  return !isNestedTooDeeply(message) && JSONRPCResponseSchema.safeParse(message).success;
}
