import { ChangeBus, InFlightMap, type Principal, type ServerChange, type ServerStatus } from '../../core/index.js';
import { changeNotification } from '../changes.js';
import { classify } from '../classification.js';
import type { McpDispatcher } from '../dispatcher.js';
import type { Eras } from '../eras/eras.js';
import { Exchange } from '../exchange.js';
import { ClientState } from '../sessions/client-state.js';
import {
  ProtocolErrorCode,
  errorReply,
  type JsonRpcNotification,
  type JsonRpcRequest,
  type Reply,
  type RequestId,
} from '../wire.js';
import { answerBatch, isBatchable } from './batch.js';

/** What a connection works with. */
export interface ConnectionParts {
  readonly dispatcher: McpDispatcher;
  readonly eras: Eras;
  readonly status: ServerStatus;
  readonly changes: ChangeBus;
  readonly principal?: Principal | undefined;
  /** Sends one serialised message; an expendable one where there is room. */
  readonly send: (message: string, expendable?: boolean) => void;
}

/** One client on a channel of its own, stdio or in memory: messages in and out, in either era, until it closes. */
export class Connection {
  readonly #state = new ClientState();
  readonly #open = new InFlightMap<RequestId, Exchange>();
  readonly #idle = new Set<() => void>();
  readonly #endings: (() => void)[];
  /** Messages whose answer is still to be sent. */
  #answering = 0;
  #closed = false;

  constructor(private readonly parts: ConnectionParts) {
    this.#endings = [parts.status.connected(), parts.changes.subscribe((change) => this.#changed(change))];
  }

  /** Takes one parsed message; its answer is sent when it is there. */
  receive(body: unknown): void {
    if (this.#closed) return;
    const classified = classify(body);
    if (classified.kind === 'rejected') this.parts.send(classified.reply.body);
    else if (classified.kind === 'request') void this.#answer(this.#reply(classified.message, classified.era));
    else if (classified.kind === 'notification') this.#notified(classified.message);
    else if (classified.kind === 'response') this.#state.settle(classified.message);
    else void this.#answer(this.#batch(classified.messages));
  }

  /** The client will send nothing more: calls that wait for an answer of its do so in vain. */
  ended(): void {
    this.#state.close();
  }

  /** Cancels what is under way; nothing more is sent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const exchange of this.#open.values()) exchange.cancel('The connection was closed.');
    this.#state.close();
    this.#endings.forEach((end) => end());
  }

  /** Resolves when no request is under way that will come to an end by itself. */
  idle(): Promise<void> {
    if (this.#isIdle()) return Promise.resolve();
    return new Promise((resolve) => this.#idle.add(resolve));
  }

  #isIdle(): boolean {
    const background = [...this.#open.values()].filter((exchange) => exchange.background);
    return this.#answering === background.length;
  }

  /** Sends a reply when it is there, if it is still wanted then. */
  async #answer(coming: Promise<Reply | undefined>): Promise<void> {
    this.#answering++;
    const reply = await coming;
    this.#answering--;
    if (reply !== undefined && !this.#closed) this.parts.send(reply.body);
    if (this.#isIdle()) this.#idle.forEach((resolve) => resolve());
  }

  /** The reply to one request; `undefined` when its client gave it up. */
  async #reply(request: JsonRpcRequest, era: 'modern' | 'legacy'): Promise<Reply | undefined> {
    if (this.#open.has(request.id)) {
      return errorReply(request.id, 400, ProtocolErrorCode.InvalidRequest, 'This id is in use by another request');
    }
    const exchange = this.#exchange(era);
    this.#open.set(request.id, exchange);
    const reply = await this.parts.dispatcher.handle(request, exchange);
    this.#open.delete(request.id);
    return exchange.cancelled ? undefined : reply;
  }

  async #batch(messages: readonly unknown[]): Promise<Reply | undefined> {
    if (!isBatchable(this.#state.protocolVersion, messages)) {
      const message = 'Batches belong to protocol version 2025-03-26 and have 1 to 50 messages.';
      return errorReply(null, 400, ProtocolErrorCode.InvalidRequest, message);
    }
    return answerBatch(messages, {
      request: (message) => this.#reply(message, 'legacy'),
      notification: (message) => this.#notified(message),
      response: (message) => this.#state.settle(message),
    });
  }

  #exchange(era: 'modern' | 'legacy'): Exchange {
    const { eras, principal, send } = this.parts;
    return new Exchange({ era: eras[era], principal, state: era === 'legacy' ? this.#state : undefined, send });
  }

  /** Only the client's own requests can be given up: they are looked up on this connection. */
  #notified({ method, params }: JsonRpcNotification): void {
    if (method !== 'notifications/cancelled') return;
    this.#open.get(params?.['requestId'] as RequestId)?.cancel('The client cancelled the request.');
  }

  /** Clients of the 2025 era are told of changes without asking; those of 2026 ask by `subscriptions/listen`. */
  #changed(change: ServerChange): void {
    if (!this.#state.initialized) return;
    if (change.kind === 'resource' && !this.#state.subscriptions.has(change.uri)) return;
    const notification = changeNotification(change);
    if (notification !== undefined) this.parts.send(JSON.stringify({ jsonrpc: '2.0', ...notification }));
  }
}
