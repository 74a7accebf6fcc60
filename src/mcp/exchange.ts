import {
  CancelledError,
  type Call,
  type ClientChannel,
  type LogLevel,
  type Principal,
  type Progress,
} from '../core/index.js';
import type { Era } from './eras/era.js';
import type { Params } from './wire.js';

/** Where an exchange came from. */
export interface ExchangeOrigin {
  readonly era: Era;
  /** Negotiated, or named by the request. */
  readonly protocolVersion: string;
  readonly principal?: Principal | undefined;
  readonly remoteAddress?: string | undefined;
  /** Sends a serialised notification on the stream of this request. */
  readonly notify: (message: string) => void;
}

/** One request being answered: who asks, in which era, and how to reach the client meanwhile. */
export class Exchange {
  readonly era: Era;
  readonly protocolVersion: string;
  readonly principal: Principal | undefined;
  readonly remoteAddress: string | undefined;
  readonly #notify: (message: string) => void;
  #call: Call | undefined;
  #cancelled: CancelledError | undefined;

  constructor({ era, protocolVersion, principal, remoteAddress, notify }: ExchangeOrigin) {
    this.era = era;
    this.protocolVersion = protocolVersion;
    this.principal = principal;
    this.remoteAddress = remoteAddress;
    this.#notify = notify;
  }

  /** Whether the client gave this request up. Nothing more is to be sent for it. */
  get cancelled(): boolean {
    return this.#cancelled !== undefined;
  }

  /** Binds the exchange to the call that answers it, so that giving up the one aborts the other. */
  begin(call: Call): void {
    this.#call = call;
    if (this.#cancelled !== undefined) call.abort(this.#cancelled);
  }

  /** The client gave the request up. */
  cancel(reason: string): void {
    this.#cancelled ??= new CancelledError(reason);
    this.#call?.abort(this.#cancelled);
  }

  notify(method: string, params: Params): void {
    if (this.#cancelled === undefined) this.#notify(JSON.stringify({ jsonrpc: '2.0', method, params }));
  }

  /** What a call may send while it runs, by what the request's `_meta` asks for; nothing when it asks for nothing. */
  channel(meta: Params): ClientChannel | undefined {
    const token = meta['progressToken'];
    const level = this.era.logLevelKey === undefined ? undefined : meta[this.era.logLevelKey];
    const wantsProgress = typeof token === 'string' || typeof token === 'number';
    if (!wantsProgress && typeof level !== 'string') return undefined;
    return new RequestChannel(this, wantsProgress ? token : undefined, level as LogLevel | undefined);
  }
}

const SEVERITY: Readonly<Record<LogLevel, number>> = {
  debug: 0,
  info: 1,
  notice: 2,
  warning: 3,
  error: 4,
  critical: 5,
  alert: 6,
  emergency: 7,
};

/** Whether a text is one of the protocol's log levels. */
export function isLogLevel(value: unknown): value is LogLevel {
  return typeof value === 'string' && Object.hasOwn(SEVERITY, value);
}

class RequestChannel implements ClientChannel {
  #last = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly exchange: Exchange,
    private readonly token: string | number | undefined,
    private readonly level: LogLevel | undefined,
  ) {}

  /** Reports that do not grow are dropped: the protocol forbids them. */
  progress({ progress, total, message }: Progress): void {
    if (this.token === undefined || !(progress > this.#last)) return;
    this.#last = progress;
    this.exchange.notify('notifications/progress', { progressToken: this.token, progress, total, message });
  }

  log(level: LogLevel, data: unknown, logger?: string): void {
    if (this.level === undefined || SEVERITY[level] < SEVERITY[this.level]) return;
    this.exchange.notify('notifications/message', { level, logger, data });
  }
}
