import type { Principal, ServerStatus } from '../../core/index.js';
import { classify } from '../classification.js';
import type { McpDispatcher } from '../dispatcher.js';
import type { Eras } from '../eras/eras.js';
import { Exchange } from '../exchange.js';
import {
  LEGACY_VERSIONS,
  MODERN_VERSION,
  type JsonRpcNotification,
  type JsonRpcRequest,
  type RequestId,
} from '../wire.js';

/** What a connection works with. */
export interface ConnectionParts {
  readonly dispatcher: McpDispatcher;
  readonly eras: Eras;
  readonly status: ServerStatus;
  readonly principal?: Principal | undefined;
  /** Sends one serialised message. */
  readonly send: (message: string) => void;
}

/** One client on a channel of its own, stdio or in memory: messages in and out, in either era, until it closes. */
export class Connection {
  readonly #open = new Map<RequestId, Exchange>();
  readonly #idle = new Set<() => void>();
  readonly #disconnected: () => void;
  #closed = false;

  constructor(private readonly parts: ConnectionParts) {
    this.#disconnected = parts.status.connected();
  }

  /** Takes one parsed message; its answer is sent when it is there. */
  receive(body: unknown): void {
    const classified = classify(body);
    if (classified.kind === 'rejected') this.parts.send(classified.reply.body);
    else if (classified.kind === 'notification') this.#notified(classified.message);
    else if (classified.kind === 'request') void this.#answer(classified.message, classified.era);
  }

  /** Cancels what is under way; nothing more is sent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const exchange of this.#open.values()) exchange.cancel('The connection was closed.');
    this.#disconnected();
  }

  /** Resolves when no request is under way. */
  idle(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.add(resolve));
  }

  async #answer(request: JsonRpcRequest, era: 'modern' | 'legacy'): Promise<void> {
    const { dispatcher, eras, principal, send } = this.parts;
    const protocolVersion = era === 'modern' ? MODERN_VERSION : (LEGACY_VERSIONS[0] as string);
    const exchange = new Exchange({ era: eras[era], protocolVersion, principal, notify: send });
    this.#open.set(request.id, exchange);
    const { body } = await dispatcher.handle(request, exchange);
    this.#open.delete(request.id);
    if (!exchange.cancelled) send(body);
    if (this.#open.size === 0) this.#idle.forEach((resolve) => resolve());
  }

  /** Only the client's own requests can be given up: they are looked up on this connection. */
  #notified({ method, params }: JsonRpcNotification): void {
    if (method !== 'notifications/cancelled') return;
    this.#open.get(params?.['requestId'] as RequestId)?.cancel('The client cancelled the request.');
  }
}
