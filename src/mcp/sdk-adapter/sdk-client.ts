import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { Result, ServerNotification } from '@modelcontextprotocol/sdk/types.js';
import type { ChangeBus, Principal, ServerChange, Tracer } from '../../core/index.js';
import { changeNotification } from '../changes.js';
import type { McpDispatcher } from '../dispatcher.js';
import type { Era } from '../eras/era.js';
import { Exchange } from '../exchange.js';
import { ClientState, MAX_WAITING } from '../sessions/client-state.js';
import type { JsonRpcRequest, Params, Reply } from '../wire.js';
import type { Sdk } from './sdk.js';
import { channelOf, type Extra } from './sdk-exchange.js';
import { traceInitialize } from './sdk-initialize-span.js';

/** What a client is served with. */
export interface SdkClientParts {
  readonly sdk: Sdk;
  readonly dispatcher: McpDispatcher;
  readonly era: Era;
  readonly changes: ChangeBus;
  readonly tracer: Tracer;
  /** Hears of messages that could not be sent. */
  readonly failed: (error: unknown) => void;
}

/** One client on a server of the SDK's: its requests become exchanges, and it is told of changes. */
export class SdkClient {
  readonly #state = new ClientState();
  readonly #idle = new Set<() => void>();
  #running = 0;
  #waiting = 0;
  #unsubscribe: (() => void) | undefined;

  constructor(
    private readonly parts: SdkClientParts,
    private readonly server: Server,
    readonly principal: Principal | undefined,
  ) {}

  /** Begins to serve; `closed` is called when the transport has ended, by whomever. */
  async connect(transport: Transport, closed: () => void): Promise<void> {
    const onclose = (): void => {
      this.#unsubscribe?.();
      closed();
    };
    Object.assign(this.server, { onclose, onerror: this.parts.failed });
    await this.server.connect(transport);
    traceInitialize(transport, this.parts.tracer);
  }

  /** Runs when the client has said that it is ready. */
  onReady(listener: () => void): void {
    this.server.oninitialized = listener;
  }

  /** From here on the client is told of changes, as those of its era are without asking. */
  listen(): void {
    this.#unsubscribe ??= this.parts.changes.subscribe((change) => this.#changed(change));
  }

  /** Whether a request is under way. */
  get busy(): boolean {
    return this.#running > 0;
  }

  /** Resolves when no request is under way. */
  idle(): Promise<void> {
    if (!this.busy) return Promise.resolve();
    return new Promise((resolve) => this.#idle.add(resolve));
  }

  /** Cancels what is under way and ends the transport. */
  async close(): Promise<void> {
    await this.server.close();
  }

  /** Answers one request as every adapter does. */
  async answer(method: string, params: Params | undefined, extra: Extra): Promise<Result> {
    this.#running++;
    try {
      const exchange = this.#exchange(extra);
      const request: JsonRpcRequest = { jsonrpc: '2.0', id: extra.requestId, method, ...(params && { params }) };
      return this.#resultOf(await this.parts.dispatcher.handle(request, exchange));
    } finally {
      this.#running--;
      if (!this.busy) this.#idle.forEach((resolve) => resolve());
    }
  }

  #exchange(extra: Extra): Exchange {
    const { sdk, era, failed } = this.parts;
    const channel = channelOf(sdk, extra, failed);
    this.#state.capabilities = { ...this.server.getClientCapabilities() };
    const exchange = new Exchange({
      era,
      principal: this.principal,
      state: this.#state,
      ...channel,
      request: (...asked) => this.#counted(() => channel.request(...asked)),
    });
    const cancel = (): void => exchange.cancel('The client cancelled the request or ended its session.');
    extra.signal.addEventListener('abort', cancel, { once: true });
    if (extra.signal.aborted) cancel();
    return exchange;
  }

  async #counted(request: () => Promise<unknown>): Promise<unknown> {
    if (this.#waiting >= MAX_WAITING) throw new Error(`The client has left ${MAX_WAITING} requests unanswered.`);
    this.#waiting++;
    try {
      return await request();
    } finally {
      this.#waiting--;
    }
  }

  #resultOf({ body }: Reply): Result {
    const { result, error } = JSON.parse(body) as {
      readonly result: Result;
      readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
    };
    if (error === undefined) return result;
    const { code, message, data } = error;
    // Its constructor puts the code before the message, and the message goes over the wire.
    throw Object.assign(new this.parts.sdk.McpError(code, message, data), { message });
  }

  #changed(change: ServerChange): void {
    if (change.kind === 'resource' && !this.#state.subscriptions.has(change.uri)) return;
    const notification = changeNotification(change);
    if (notification === undefined) return;
    this.server.notification(notification as ServerNotification).catch(this.parts.failed);
  }
}
