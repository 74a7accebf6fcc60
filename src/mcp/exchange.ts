import {
  CancelledError,
  MissingClientCapabilityError,
  isObject,
  type AskKind,
  type AskRequest,
  type Call,
  type ClientChannel,
  type LogLevel,
  type Principal,
  type Progress,
  type TraceContext,
  type WireFacts,
} from '../core/index.js';
import type { Asker } from './ask/asker.js';
import { modeOf, requiredCapabilities, supports } from './ask/ask-request.js';
import type { Era } from './eras/era.js';
import type { ClientState } from './sessions/client-state.js';
import { CLIENT_CAPABILITIES_META_KEY, MODERN_VERSION, type Params, type RequestId } from './wire.js';

/** Where an exchange came from, and how its client is reached while it lasts. */
export interface ExchangeOrigin {
  readonly era: Era;
  readonly principal?: Principal | undefined;
  readonly remoteAddress?: string | undefined;
  /** Milliseconds that the request waited at the door. */
  readonly waitedMs?: number | undefined;
  /** Headers of the request, of which those of a trace count where its `_meta` has none. */
  readonly headers?: Readonly<Record<string, string | string[] | undefined>> | undefined;
  /** What is known of the client; of the 2025 era only. */
  readonly state?: ClientState | undefined;
  /** Sends a serialised notification or request on the stream of this exchange; an expendable one where there is room. */
  readonly send: (message: string, expendable?: boolean) => void;
  /** Ends the stream that the client waits on, where it can resume it. */
  readonly release?: (() => void) | undefined;
  /** Sends a request of our own, where the transport keeps account of these itself. */
  readonly request?:
    ((method: string, params: Params | undefined, signal: AbortSignal) => Promise<unknown>) | undefined;
}

/** A call that went on as a task, as its handler meets it. */
export interface AdoptedTask {
  readonly taskId: string;
  ask(key: string, request: AskRequest): Promise<unknown>;
}

/** Lets calls go on as tasks. */
export interface TaskHost {
  /** @throws MissingClientCapabilityError when it is required and the client does not understand tasks. */
  adopt(call: Call, exchange: Exchange, required: boolean): Promise<AdoptedTask | undefined>;
  /** A word on how far a task is. */
  reports(taskId: string, message: string): void;
}

/** How a call is asked and can go on, decided when it first matters. */
export interface CallServices {
  readonly asker: () => Asker;
  readonly tasks: TaskHost;
}

const NOTHING: Params = {};
/**
 * What a client that does not read goes without: reports that the next one outdates, and logs, both of which servers
 * should limit (S/basic/patterns/progress; S/server/utilities/logging).
 */
const EXPENDABLE: ReadonlySet<string> = new Set(['notifications/progress', 'notifications/message']);
/** W3C Trace Context, version 00 and what later versions begin with. */
const TRACEPARENT = /^(?!ff)[\da-f]{2}-(?!0{32})[\da-f]{32}-(?!0{16})[\da-f]{16}-[\da-f]{2}(?:-[\x21-\x7e]{0,256})?$/;
/** What W3C Baggage asks everybody to carry at least. */
const LONGEST_TRACE_TEXT = 8192;

function boundedText(value: unknown): string | undefined {
  return typeof value === 'string' && value.length <= LONGEST_TRACE_TEXT ? value : undefined;
}

/** The trace that a request is part of: what its `_meta` says, or else its headers. */
export function traceOf(meta: Params, headers: ExchangeOrigin['headers']): TraceContext | undefined {
  return traceIn(meta) ?? (headers && traceIn(headers));
}

function traceIn(carrier: Readonly<Record<string, unknown>>): TraceContext | undefined {
  const traceparent = carrier['traceparent'];
  if (typeof traceparent !== 'string' || !TRACEPARENT.test(traceparent)) return undefined;
  return { traceparent, tracestate: boundedText(carrier['tracestate']), baggage: boundedText(carrier['baggage']) };
}

/** One request being answered: who asks, in which era, and how to reach the client meanwhile. */
export class Exchange implements ClientChannel {
  readonly era: Era;
  readonly principal: Principal | undefined;
  readonly remoteAddress: string | undefined;
  readonly waitedMs: number;
  readonly state: ClientState | undefined;
  /** Set where the exchange lasts as long as its client wants: nobody waits for its end. */
  background = false;
  readonly #origin: ExchangeOrigin;
  #call: Call | undefined;
  #meta: Params = NOTHING;
  #id: RequestId = 0;
  #services: CallServices | undefined;
  #task: AdoptedTask | undefined;
  #progress = Number.NEGATIVE_INFINITY;
  #cancelled: CancelledError | undefined;
  #answered = false;
  #onCancel: (() => void) | undefined;

  constructor(origin: ExchangeOrigin) {
    this.#origin = origin;
    this.era = origin.era;
    this.principal = origin.principal;
    this.remoteAddress = origin.remoteAddress;
    this.waitedMs = origin.waitedMs ?? 0;
    this.state = origin.state;
  }

  /** Whether the client gave this request up. Nothing more is to be sent for it. */
  get cancelled(): boolean {
    return this.#cancelled !== undefined;
  }

  /** The call that answers it; none before it is made, or once it goes on as a task. */
  get call(): Call | undefined {
    return this.#call;
  }

  /** Takes what the request says of itself: its `_meta` and its id. */
  describe(params: Params, id: RequestId): void {
    this.#id = id;
    const meta = params['_meta'];
    if (isObject(meta)) this.#meta = meta;
  }

  /** Binds the exchange to the call that answers it, so that giving up the one aborts the other. */
  begin(call: Call, services: CallServices): void {
    this.#call = call;
    this.#services = services;
    if (this.#cancelled !== undefined) call.abort(this.#cancelled);
  }

  /** The client gave the request up. */
  cancel(reason: string): void {
    if (this.#cancelled !== undefined) return;
    this.#cancelled = new CancelledError(reason);
    this.#call?.abort(this.#cancelled);
    this.#onCancel?.();
  }

  /** The answer is known. Whatever still runs has nobody to tell anything: nothing follows an answer. */
  end(): void {
    this.#answered = true;
  }

  /** Hears when the client gives the request up, at once if it has. */
  onCancel(listener: () => void): void {
    this.#onCancel = listener;
    if (this.cancelled) listener();
  }

  /**
   * The trace that the request is part of (S/basic/index, trace context): what its `_meta` says, or else its headers. One
   * that is malformed is none.
   */
  get trace(): TraceContext | undefined {
    return traceOf(this.#meta, this.#origin.headers);
  }

  get wire(): WireFacts {
    return { protocolVersion: this.state?.protocolVersion ?? MODERN_VERSION, requestId: this.#id };
  }

  /** What the client declared. */
  get capabilities(): Params {
    if (this.state !== undefined) return this.state.capabilities;
    const declared = this.#meta[CLIENT_CAPABILITIES_META_KEY];
    return isObject(declared) ? declared : NOTHING;
  }

  notify(method: string, params: Params): void {
    if (this.#over) return;
    this.#origin.send(JSON.stringify({ jsonrpc: '2.0', method, params }), EXPENDABLE.has(method));
  }

  /** Sends a request of our own; 2025 era only. */
  request(method: string, params: Params | undefined, signal: AbortSignal): Promise<unknown> {
    if (this.#over) return Promise.reject(this.#cancelled ?? new CancelledError('The request has been answered.'));
    if (this.#origin.request !== undefined) return this.#origin.request(method, params, signal);
    if (this.state === undefined) return Promise.reject(new Error('This client cannot be sent requests.'));
    return this.state.request(method, params, this.#origin.send, signal);
  }

  /** Reports that do not grow are dropped: the protocol forbids them. */
  progress({ progress, total, message }: Progress): void {
    if (this.#task !== undefined) {
      if (message !== undefined) this.#services?.tasks.reports(this.#task.taskId, message);
      return;
    }
    const token = this.#meta['progressToken'];
    if ((typeof token !== 'string' && typeof token !== 'number') || !(progress > this.#progress)) return;
    this.#progress = progress;
    this.notify('notifications/progress', { progressToken: token, progress, total, message });
  }

  log(level: LogLevel, data: unknown, logger?: string): void {
    if (this.#task !== undefined) return;
    const { logLevelKey } = this.era;
    const asked = logLevelKey === undefined ? this.state?.logLevel : this.#meta[logLevelKey];
    if (!isLogLevel(asked) || SEVERITY[level] < SEVERITY[asked]) return;
    this.notify('notifications/message', { level, logger, data });
  }

  supports(kind: AskKind, mode?: 'form' | 'url'): boolean {
    return supports(this.capabilities, kind, mode);
  }

  ask(call: Call, key: string, request: AskRequest): Promise<unknown> {
    if (this.#task === undefined) return this.#askerOf(call).ask(call, key, request);
    if (supports(this.capabilities, request.kind, modeOf(request))) return this.#task.ask(key, request);
    return Promise.reject(new MissingClientCapabilityError(requiredCapabilities(request)));
  }

  async once<T>(call: Call, key: string, effect: () => T | Promise<T>): Promise<T> {
    return this.#task === undefined ? this.#askerOf(call).once(call, key, effect) : effect();
  }

  releaseStream(): void {
    if (!this.#over) this.#origin.release?.();
  }

  /** From here on the request no longer holds the call: its client may go, and asks for the task instead. */
  async continueAsTask(call: Call, required: boolean): Promise<boolean> {
    if (this.#task !== undefined) return true;
    this.#task = await this.#services?.tasks.adopt(call, this, required);
    if (this.#task === undefined) return false;
    this.#call = undefined;
    return true;
  }

  get #over(): boolean {
    return this.#answered || this.#cancelled !== undefined;
  }

  #askerOf(call: Call): Asker {
    if (this.#services === undefined) throw new Error(`The client of ${call.kind} "${call.name}" cannot be asked.`);
    return this.#services.asker();
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

/** Whether a value is one of the protocol's log levels. */
export function isLogLevel(value: unknown): value is LogLevel {
  return typeof value === 'string' && Object.hasOwn(SEVERITY, value);
}
