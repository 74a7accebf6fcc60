import { randomUUID } from 'node:crypto';
import {
  MissingClientCapabilityError,
  Suspension,
  type AskKind,
  type AskOptions,
  type AskRequest,
  type ElicitAnswer,
  type ElicitOptions,
  type ElicitUrlAnswer,
  type ElicitUrlOptions,
  type Root,
  type SamplingAnswer,
  type SamplingOptions,
} from './asking.js';
import type { EndListener, WaitListener } from './call-listeners.js';
import { CancelledError, InvalidArgumentsError } from './errors.js';
import type { Linked, Links } from './linked-list.js';
import type { MaybePromise } from './maybe-promise.js';
import type { Principal } from './principal.js';
import type { CompiledSchema } from './schema/compiled-schema.js';
import { compileStandardSchema, isStandardSchema } from './schema/standard-schema.js';
import type { CallKind, Policy, TargetMethod, TargetOrigin } from './target-parts.js';

/** Severities of `notifications/message`, least to most severe (RFC 5424). */
export type LogLevel = 'debug' | 'info' | 'notice' | 'warning' | 'error' | 'critical' | 'alert' | 'emergency';

/** How far a call has come. */
export interface Progress {
  /** Must grow with every report of a call. */
  readonly progress: number;
  readonly total?: number | undefined;
  readonly message?: string | undefined;
}

/** What a request was on the wire; for traces. */
export interface WireFacts {
  /** The revision of MCP that is spoken. */
  readonly protocolVersion: string;
  readonly requestId: string | number;
}

/** What the wire offers to a running call. */
export interface ClientChannel {
  /** What the request was that the call answers; nothing for calls that no request asked for. */
  readonly wire?: WireFacts | undefined;
  /** A no-op for a client that did not ask for progress. */
  progress(progress: Progress): void;
  /** A no-op for a client that did not ask for this level. */
  log(level: LogLevel, data: unknown, logger?: string): void;
  /** Whether the client declared that it can be asked for this. */
  supports(kind: AskKind, mode?: 'form' | 'url'): boolean;
  /** Resolves with what the client answered, as the protocol has it. */
  ask(call: Call, key: string, request: AskRequest): Promise<unknown>;
  /** Runs an effect once in the life of a call, however often the call is replayed. */
  once<T>(call: Call, key: string, effect: () => T | Promise<T>): Promise<T>;
  /** Lets the client disconnect while the call goes on, where it can come back for the answer. */
  releaseStream(): void;
  /** Answers the request with a task as which the call goes on; whether the client understands that. */
  continueAsTask(call: Call, required: boolean): Promise<boolean>;
}

/** The trace that a caller is part of (W3C Trace Context and Baggage), as it sent it. */
export interface TraceContext {
  readonly traceparent: string;
  readonly tracestate?: string | undefined;
  readonly baggage?: string | undefined;
}

/** What a call is made from. */
export interface CallInit {
  readonly kind: CallKind;
  /** The target's name; for a resource its URI. */
  readonly name: string;
  readonly input: unknown;
  readonly principal?: Principal | undefined;
  readonly client?: ClientChannel | undefined;
  /** The call in whose course this one is made. */
  readonly parent?: Call | undefined;
  /**
   * Whether a model decided that this call is made, in the course of another one: the limits of the configuration count
   * it like a call that somebody asked for. @default false
   */
  readonly chosenByModel?: boolean | undefined;
  /** On the clock of `performance.now()`; none by default. */
  readonly deadline?: number | undefined;
  /** Milliseconds that its request had waited before there could be a call: they count towards its deadline. @default 0 */
  readonly waitedMs?: number | undefined;
  /** The caller's network address, where there is one. */
  readonly remoteAddress?: string | undefined;
  /** The trace that the caller is part of, where it says so. */
  readonly trace?: TraceContext | undefined;
}

/** The channel of a call that no client listens to. */
const SILENT: ClientChannel = {
  progress: () => undefined,
  log: () => undefined,
  supports: () => false,
  ask: (_call, _key, { kind }) => Promise.reject(new MissingClientCapabilityError({ [kind]: {} })),
  once: async (_call, _key, effect) => effect(),
  releaseStream: () => undefined,
  continueAsTask: () => Promise.resolve(false),
};

/** One list for all calls that nobody listens to. */
const NOBODY: readonly never[] = [];

/**
 * One call on its way through the pipeline, and the second argument of every handler.
 *
 * Whatever costs is made when first asked for: an id takes 0.3 µs, an `AbortController` 5 µs.
 */
export class Call<Input = unknown> implements Linked<Call> {
  readonly kind: CallKind;
  readonly name: string;
  readonly principal: Principal | undefined;
  readonly parent: Call | undefined;
  /** Whether a model decided that this call is made. */
  readonly chosenByModel: boolean;
  readonly remoteAddress: string | undefined;
  readonly trace: TraceContext | undefined;
  /** On the clock of `performance.now()`. */
  readonly startedAt: number = performance.now();
  /** Milliseconds that its request had waited before that. */
  readonly waitedMs: number;
  deadline: number | undefined;
  /** Where it stands among the calls that run; for the server. */
  links: Links<Call> | undefined;
  /** As the caller sent it until validation has passed, then as the schema says. */
  input: Input;
  #target: Target | undefined;
  #id: string | undefined;
  #controller: AbortController | undefined;
  #aborted = false;
  #abortReason: unknown;
  #rejectRace: ((reason: unknown) => void) | undefined;
  #asked = 0;
  #waiting = 0;
  #waitListeners: WaitListener[] | undefined;
  #ended: { readonly reason: unknown } | undefined;
  #endListeners: EndListener[] | undefined;
  readonly #client: ClientChannel;

  constructor(init: CallInit & { readonly input: Input }) {
    this.kind = init.kind;
    this.name = init.name;
    this.input = init.input;
    this.principal = init.principal;
    this.parent = init.parent;
    this.chosenByModel = init.chosenByModel === true;
    this.waitedMs = init.waitedMs ?? 0;
    this.deadline = init.deadline;
    this.remoteAddress = init.remoteAddress;
    this.trace = init.trace ?? init.parent?.trace;
    this.#client = init.client ?? SILENT;
  }

  /** The correlation id: in logs, in the answer to an internal error, unguessable. */
  get id(): string {
    return (this.#id ??= randomUUID());
  }

  /** @throws Error before the pipeline has found the target; guards and handlers never see that. */
  get target(): Target {
    if (this.#target === undefined) throw new Error(`The target of ${this.kind} "${this.name}" is not known yet.`);
    return this.#target;
  }

  /** The target once it is found; `undefined` in the end of a call to something unknown. */
  get targetIfFound(): Target | undefined {
    return this.#target;
  }

  /** Binds the call to what was found under its name. For the pipeline. */
  bind(target: Target, input: Input): void {
    this.#target = target;
    this.input = input;
  }

  /** The request that this call answers, as the wire had it; nothing for calls in the course of others. */
  get wire(): WireFacts | undefined {
    return this.#client.wire;
  }

  /** Whether the caller went away, cancelled, or the deadline passed. */
  get aborted(): boolean {
    return this.#aborted;
  }

  /** Aborts when the caller goes away or cancels, or the deadline passes. Pass it to whatever waits. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort(this.#abortReason);
    }
    return this.#controller.signal;
  }

  /** Ends the call for its caller. For transports and the pipeline; the first reason stays. */
  abort(reason?: unknown): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#abortReason = reason;
    this.#controller?.abort(reason);
    this.#rejectRace?.(reason ?? new CancelledError());
    this.#end(reason);
  }

  /** Ends the call for now: it goes on when the client comes back. For the wire. */
  suspend(suspension: Suspension): void {
    this.#rejectRace?.(suspension);
    if (suspension.continued === undefined) this.#end(suspension);
  }

  /**
   * Hears when the call ends for its caller although its work may go on: it was aborted, or ends for now with a question.
   * Of a call that has ended so already it is told at once. For the pipeline, which thus needs no signal.
   *
   * @returns how to stop hearing
   */
  onEnded(listener: (reason: unknown) => void): () => void {
    const hearing = { callEnded: listener };
    this.follow(hearing);
    return () => this.unfollow(hearing);
  }

  /** As {@link onEnded}, for what every call has: an object that is there anyway costs less than two functions. */
  follow(listener: EndListener): void {
    if (this.#ended === undefined) (this.#endListeners ??= []).push(listener);
    else listener.callEnded(this.#ended.reason);
  }

  /** Ends what {@link follow} began. */
  unfollow(listener: EndListener): void {
    const listeners = this.#endListeners;
    if (listeners === undefined) return;
    // Most often who came last goes first.
    const index = listeners.lastIndexOf(listener);
    if (index === listeners.length - 1) listeners.pop();
    else if (index >= 0) listeners.splice(index, 1);
  }

  /**
   * Ends as `work` does, or with the reason of an abort that comes first; what `work` does then is dropped. Work that is
   * done needs no promise.
   */
  race<T>(work: Promise<T>): Promise<T>;
  race<T>(work: MaybePromise<T>): MaybePromise<T>;
  race<T>(work: MaybePromise<T>): MaybePromise<T> {
    if (!(work instanceof Promise)) {
      if (this.#aborted) throw this.#abortReason ?? new CancelledError();
      return work;
    }
    return new Promise((resolve, reject) => {
      this.#rejectRace = reject;
      work.then(resolve, reject);
      if (this.#aborted) reject(this.#abortReason ?? new CancelledError());
    });
  }

  /** Tells the client how far the call has come, if it asked to hear. */
  progress(progress: number, total?: number, message?: string): void {
    if (!this.#aborted) this.#client.progress({ progress, total, message });
  }

  /** Sends the client a log message, if it asked for its level. Never a secret: this leaves the server. */
  log(level: LogLevel, data: unknown, logger?: string): void {
    if (!this.#aborted) this.#client.log(level, data, logger);
  }

  /** Whether the client declared that it can be asked for this. */
  clientSupports(kind: AskKind, mode?: 'form' | 'url'): boolean {
    return this.#client.supports(kind, mode);
  }

  /**
   * Asks the user to fill in a form.
   *
   * A client of the 2026 revision calls again with the answer, and the handler runs again from its start: effects
   * before a question belong into {@link once}. Questions asked together (`Promise.all`) are sent together.
   *
   * @throws MissingClientCapabilityError when the client did not declare elicitation
   */
  async elicit<Content = Readonly<Record<string, unknown>>>({
    key,
    message,
    schema,
  }: ElicitOptions<Content>): Promise<ElicitAnswer<Content>> {
    const compiled = isStandardSchema(schema) ? compileStandardSchema(schema, 'input') : undefined;
    const { type, properties, required } = compiled?.jsonSchema ?? {};
    const requestedSchema = compiled === undefined ? schema : { type, properties, required };
    const request: AskRequest = { kind: 'elicitation', params: { mode: 'form', message, requestedSchema } };
    const answer = (await this.#ask(key, request)) as ElicitAnswer<Content>;
    if (answer.action !== 'accept' || compiled === undefined) return answer;
    const parsed = await compiled.parse(answer.content);
    if (!parsed.ok) throw new InvalidArgumentsError(parsed.faults, 'answer');
    return { action: 'accept', content: parsed.value as Content };
  }

  /** Asks the user to visit a page. @throws MissingClientCapabilityError when the client did not declare URL elicitation */
  async elicitUrl({ key, message, url }: ElicitUrlOptions): Promise<ElicitUrlAnswer> {
    const request: AskRequest = { kind: 'elicitation', params: { mode: 'url', message, url } };
    return (await this.#ask(key, request)) as ElicitUrlAnswer;
  }

  /** Asks the client's model. @throws MissingClientCapabilityError when the client did not declare sampling */
  async sample({ key, ...params }: SamplingOptions): Promise<SamplingAnswer> {
    return (await this.#ask(key, { kind: 'sampling', params })) as SamplingAnswer;
  }

  /** Asks which folders the client offers. @throws MissingClientCapabilityError when the client did not declare roots */
  async listRoots({ key }: AskOptions = {}): Promise<readonly Root[]> {
    const answer = (await this.#ask(key, { kind: 'roots' })) as { readonly roots: readonly Root[] };
    return answer.roots;
  }

  /**
   * Runs an effect once in the life of this call, however often its handler is replayed for an answer; the result must
   * be JSON. The key must be the same in every replay.
   */
  once<T>(key: string, effect: () => T | Promise<T>): Promise<T> {
    return this.#client.once(this, key, effect);
  }

  /**
   * Ends the event stream on which the client waits, if there is one it can resume; the call goes on and the client
   * comes back for its answer (L/basic/transports, resumability).
   */
  releaseStream(): void {
    this.#client.releaseStream();
  }

  /**
   * Goes on as a task: the request is answered now, the client fetches the result later, and questions from here on are
   * put to it as the task's (SEP-2663). Ask before this what must be known before there is a task.
   *
   * @param options - with `required`, a client that does not understand tasks is refused instead of kept waiting
   * @returns whether it is a task now
   */
  continueAsTask({ required = false }: { readonly required?: boolean } = {}): Promise<boolean> {
    return this.#client.continueAsTask(this, required);
  }

  /** Hears when the call waits for a person, and when it goes on. For the pipeline; from here until the call ends. */
  onWaiting(listener: WaitListener): void {
    (this.#waitListeners ??= []).push(listener);
  }

  async #ask(key: string | undefined, request: AskRequest): Promise<unknown> {
    const asked = key ?? `${request.kind}_${++this.#asked}`;
    this.#beginWaiting();
    try {
      return await this.#client.ask(this, asked, request);
    } finally {
      await this.#endWaiting();
    }
  }

  /** The calls in whose course this one is made wait with it. */
  #beginWaiting(): void {
    if (this.#waiting++ === 0) this.#waitListeners?.forEach((listener) => listener.pause());
    if (this.parent !== undefined) this.parent.#beginWaiting();
  }

  async #endWaiting(): Promise<void> {
    if (this.parent !== undefined) await this.parent.#endWaiting();
    if (--this.#waiting === 0) for (const listener of this.#waitListeners ?? NOBODY) await listener.resume();
  }

  #end(reason: unknown): void {
    if (this.#ended !== undefined) return;
    this.#ended = { reason };
    const listeners = this.#endListeners?.splice(0) ?? NOBODY;
    for (const listener of listeners) listener.callEnded(reason);
  }
}

/** Runs what stands behind a target that is not a decorated method: a node, a workflow, an upstream tool, a function. */
export type Run = (input: unknown, call: Call) => unknown;

/** Something that can be called, with everything that does not depend on the call computed once. */
export interface Target {
  readonly kind: CallKind;
  /** Unique within its kind; a label of bounded number in metrics. */
  readonly name: string;
  readonly policy: Policy;
  readonly origin: TargetOrigin;
  readonly input: CompiledSchema;
  readonly output?: CompiledSchema | undefined;
  /** Whether calls become tasks before they run: for clients that understand tasks, or for nobody else. */
  readonly task?: 'optional' | 'required' | undefined;
  readonly body: TargetMethod | Run;
  /**
   * What is done with what the body returned, in its place in the pipeline: a node that the method configured is run.
   * The method's own enhancers do not reach it; the cache and everything before it do.
   */
  readonly finish?: ((value: unknown, call: Call) => unknown) | undefined;
}
