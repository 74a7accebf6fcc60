import { CancelledError, Suspension, type Call, type EndListener, type MaybePromise } from '../core/index.js';
import type { Lookup } from './result-store.js';
import { SharedCall } from './shared-call.js';

/** Runs the rest of a call under the one that is given: returns a value or a promise of it, and may throw. */
export type Next = (as: Call) => unknown;

/** What came of joining a flight: a value, `again` when it was given up before, `alone` when it is somebody else's. */
export type Joined =
  | {
      readonly kind: 'value';
      readonly value: unknown;
      /** Whether the body ran for this caller. */
      readonly ran: boolean;
      /** Whether the result was for several callers. */
      readonly shared: boolean;
    }
  | { readonly kind: 'again' }
  | { readonly kind: 'alone' };

/** What a flight is made of. */
export interface FlightInit {
  readonly lookup: Lookup | Promise<Lookup>;
  /** Takes the result of a body that ran for whoever waits: what all of them get, and when it is kept. */
  readonly keep: (value: unknown) => { readonly value: unknown; readonly kept: Promise<void> | undefined };
  /** From now on nobody is to join. Called once or more. */
  readonly close: () => void;
}

/** A caller in a flight, and what comes of it for him: at once where the body is done when it returns. */
class Waiter implements EndListener {
  #joined: Joined | undefined;
  #failure: { readonly reason: unknown } | undefined;
  #waiting: { readonly resolve: (joined: Joined) => void; readonly reject: (reason: unknown) => void } | undefined;

  constructor(
    readonly call: Call,
    private readonly left: (waiter: Waiter, reason: unknown) => void,
  ) {}

  callEnded(reason: unknown): void {
    this.left(this, reason);
  }

  resolve(joined: Joined): void {
    if (this.#waiting === undefined) this.#joined = joined;
    else this.#waiting.resolve(joined);
  }

  reject(reason: unknown): void {
    if (this.#waiting === undefined) this.#failure = { reason };
    else this.#waiting.reject(reason);
  }

  /** @throws what the body threw, or why the call ended, where that is known already */
  result(): MaybePromise<Joined> {
    if (this.#joined !== undefined) return this.#joined;
    if (this.#failure !== undefined) throw this.#failure.reason;
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }
}

/** Those who wait for one execution: most often one, for whom no set is made. */
class Waiters {
  #first: Waiter | undefined;
  #others: Set<Waiter> | undefined;

  get size(): number {
    return (this.#first === undefined ? 0 : 1) + (this.#others?.size ?? 0);
  }

  add(waiter: Waiter): void {
    if (this.#first === undefined) this.#first = waiter;
    else (this.#others ??= new Set()).add(waiter);
  }

  has(waiter: Waiter): boolean {
    return this.#first === waiter || this.#others?.has(waiter) === true;
  }

  delete(waiter: Waiter): void {
    if (this.#first === waiter) this.#first = undefined;
    else this.#others?.delete(waiter);
  }

  /** For each of them, who may be deleted meanwhile. */
  forEach(tell: (waiter: Waiter) => void): void {
    if (this.#first !== undefined) tell(this.#first);
    this.#others?.forEach(tell);
  }
}

const AGAIN: Joined = { kind: 'again' };
const ALONE: Joined = { kind: 'alone' };

/**
 * One execution for all callers who want the same at once. The body runs under a call of its own, so that it goes on
 * while anybody waits, and is aborted when nobody does. A caller who leaves is answered at once.
 *
 * A body that talks to its client belongs to the caller for whom it was started, and to him alone from then on: the
 * others are told to run their own.
 */
export class Flight {
  readonly lookup: Lookup | Promise<Lookup>;
  readonly #init: FlightInit;
  readonly #waiters = new Waiters();
  #state: 'ready' | 'running' | 'alone' | 'landed' | 'over' = 'ready';
  #execution: SharedCall | undefined;
  #landed: Joined = AGAIN;
  readonly #leave = (waiter: Waiter, reason: unknown): void => this.#left(waiter, reason);

  constructor(init: FlightInit) {
    this.lookup = init.lookup;
    this.#init = init;
  }

  /**
   * Waits for the execution, and starts it when it is the first to come.
   *
   * @throws what the body throws, or why the call ended; where one must wait for it, the promise rejects
   */
  join(call: Call, next: Next): MaybePromise<Joined> {
    if (this.#state === 'over') return AGAIN;
    if (this.#state === 'alone') return ALONE;
    if (this.#state === 'landed') return this.#landed;
    if (call.aborted) {
      // Nobody may come after it: what was looked up would grow old.
      if (this.#state === 'ready') this.#giveUp(call.signal.reason);
      throw call.signal.reason;
    }
    const waiter = new Waiter(call, this.#leave);
    this.#waiters.add(waiter);
    call.follow(waiter);
    if (this.#execution !== undefined) this.#execution.waitFor(call);
    else if (this.#waiters.has(waiter)) this.#start(call, next);
    return waiter.result();
  }

  /** There was a result: nobody else is to come here for it. */
  close(): void {
    this.#init.close();
  }

  #start(first: Call, next: Next): void {
    this.#state = 'running';
    const execution = new SharedCall(first, () => this.#talk());
    this.#execution = execution;
    let work: unknown;
    try {
      work = next(execution);
    } catch (thrown) {
      return this.#crash(thrown);
    }
    if (!(work instanceof Promise)) return this.#land(work);
    work.then(
      (value) => this.#land(value),
      (error: unknown) => this.#crash(error),
    );
  }

  /** The body talks to the client of the first caller. */
  #talk(): void {
    const execution = this.#execution;
    if (this.#state !== 'running' || execution === undefined) return;
    this.#state = 'alone';
    this.#init.close();
    const { first } = execution;
    let deserted = true;
    this.#waiters.forEach((waiter) => {
      if (waiter.call === first) deserted = false;
      else this.#release(waiter).resolve(ALONE);
    });
    if (deserted) this.#giveUp(first.signal.reason);
    else execution.deadline = first.deadline;
  }

  #left(waiter: Waiter, reason: unknown): void {
    if (!this.#waiters.has(waiter)) return;
    // Only the one caller of a body that talks is suspended; his call goes on when his client comes back.
    if (reason instanceof Suspension) return this.#execution?.suspend(reason);
    this.#release(waiter).reject(reason ?? new CancelledError());
    if (this.#waiters.size === 0) this.#giveUp(reason);
  }

  #giveUp(reason: unknown): void {
    this.#state = 'over';
    this.#init.close();
    this.#execution?.abort(reason);
  }

  #land(value: unknown): void {
    if (this.#state === 'over') return;
    if (this.#state === 'alone') return this.#answer({ kind: 'value', value, ran: true, shared: false });
    try {
      const { value: given, kept } = this.#init.keep(value);
      this.#state = 'landed';
      this.#landed = { kind: 'value', value: given, ran: false, shared: true };
      this.#answer(this.#landed);
      if (kept === undefined) this.#init.close();
      else void kept.finally(() => this.#init.close());
    } catch (error) {
      this.#crash(error);
    }
  }

  #answer(joined: Joined & { readonly kind: 'value' }): void {
    const first = this.#execution?.first;
    const { value, shared } = joined;
    this.#waiters.forEach((waiter) => {
      waiter.call.unfollow(waiter);
      waiter.resolve(waiter.call === first ? { kind: 'value', value, ran: true, shared } : joined);
    });
  }

  /** What a body throws that nobody waits for any more is the consequence of its abort. */
  #crash(error: unknown): void {
    this.#state = 'over';
    this.#init.close();
    this.#waiters.forEach((waiter) => {
      waiter.call.unfollow(waiter);
      waiter.reject(error);
    });
  }

  #release(waiter: Waiter): Waiter {
    this.#waiters.delete(waiter);
    waiter.call.unfollow(waiter);
    return waiter;
  }
}
