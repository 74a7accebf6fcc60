import { InFlightMap, type ChangeBus, type Principal, type ServerChange } from '../../core/index.js';
import { changeNotification } from '../changes.js';
import type { Exchange } from '../exchange.js';
import type { SlowClients } from '../limits/slow-clients.js';
import type { RequestId } from '../wire.js';
import type { ClientState } from './client-state.js';
import { EventLog } from './event-log.js';
import { EventStream, type EventPlace } from './event-stream.js';

/** Streams of one session that are kept for resumption at once. */
const MAX_STREAMS = 32;
/** The stream on which messages come that belong to no request. */
const STANDALONE = 0;

/** A client of the 2025 era over HTTP, from `initialize` to DELETE or long silence. */
export class Session {
  lastUsed: number = performance.now();
  readonly #streams = new Map<number, EventStream>();
  readonly #open = new InFlightMap<RequestId, Exchange>();
  #log: EventLog | undefined;
  #lastStream = STANDALONE;
  #unsubscribe: (() => void) | undefined;

  constructor(
    readonly id: string,
    readonly principal: Principal | undefined,
    readonly state: ClientState,
    private readonly changes: ChangeBus,
    private readonly slow: SlowClients,
  ) {}

  /** A request is under way. */
  begin(id: RequestId, exchange: Exchange): void {
    this.#open.set(id, exchange);
  }

  /** A request has been answered. */
  finish(id: RequestId, exchange: Exchange): void {
    if (this.#open.get(id) === exchange) this.#open.delete(id);
  }

  /** The client gave one of its requests up. */
  cancel(id: unknown): void {
    this.#open.get(id as RequestId)?.cancel('The client cancelled the request.');
  }

  /** A stream for the answer to one request. The oldest that has ended makes room. */
  openStream(): EventStream {
    if (this.#streams.size >= MAX_STREAMS) {
      const finished = [...this.#streams.values()].find((stream) => stream.ended && stream.id !== STANDALONE);
      if (finished !== undefined) this.#streams.delete(finished.id);
    }
    return this.#stream(++this.#lastStream);
  }

  /** The stream of messages that belong to no request; from its first use on, changes are sent on it. */
  standaloneStream(): EventStream {
    this.#unsubscribe ??= this.changes.subscribe((change) => this.#changed(change));
    return this.#streams.get(STANDALONE) ?? this.#stream(STANDALONE);
  }

  /** The stream that sent an event, which a client wants to resume. */
  streamOf({ stream: id, sequence }: EventPlace): EventStream | undefined {
    const stream = this.#streams.get(id);
    return stream?.reaches(sequence) === true ? stream : undefined;
  }

  /** Whether a request is under way or somebody is connected to it. */
  get busy(): boolean {
    if (this.#open.size > 0) return true;
    for (const stream of this.#streams.values()) if (stream.attached) return true;
    return false;
  }

  close(): void {
    this.#unsubscribe?.();
    for (const exchange of this.#open.values()) exchange.cancel('The session has ended.');
    this.state.close();
    for (const stream of this.#streams.values()) stream.release();
    this.#streams.clear();
  }

  #stream(id: number): EventStream {
    const priming = this.state.protocolVersion >= '2025-11-25';
    const stream = new EventStream(id, (this.#log ??= new EventLog()), priming, this.slow);
    this.#streams.set(id, stream);
    return stream;
  }

  #changed(change: ServerChange): void {
    if (change.kind === 'resource' && !this.state.subscriptions.has(change.uri)) return;
    const notification = changeNotification(change);
    if (notification !== undefined) this.standaloneStream().send(JSON.stringify({ jsonrpc: '2.0', ...notification }));
  }
}
