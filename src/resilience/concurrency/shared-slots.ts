import { answeredBy } from '../deadlines/answered-by.js';
import type { DeadlineWheel } from '../deadlines/deadline-wheel.js';
import { WheelEntry } from '../deadlines/timing-wheel.js';
import { LeasedSlots, type LeasedLimit, type SlotKeeper } from './leased-slots.js';
import type { SlotNews, SlotStore } from './slot-store.js';
import type { SlotUser } from './slot-supply.js';

/** How long a call waits for the answer to one claim at the most. */
const ANSWER_MS = 250;

/** How often a store that does not answer is asked whether it is there. */
const RETRY_MS = 1_000;

/** What becomes of a process and its store. */
export interface SharedSlotsOptions {
  readonly wheel: DeadlineWheel;
  /** A call was let in by this process alone. */
  readonly onLetInAlone?: () => void;
  /** Told once whenever the store stops answering. */
  readonly onAlone?: (error: unknown) => void;
  /** Told once whenever it answers again. */
  readonly onTogether?: () => void;
}

/**
 * All leased slots of this process: sends their claims, makes them anew in a third of the lease, and counts by itself as
 * soon as a claim is not answered within a quarter of a second. Then nobody waits for the store; it is asked now and then
 * whether it is there.
 */
export class SharedSlots extends WheelEntry implements SlotKeeper {
  readonly wheel: DeadlineWheel;
  readonly #limits = new Map<string, LeasedSlots[]>();
  #alone = false;
  /** Counts them: answers to what was sent before the last one say nothing about now. */
  #outages = 0;
  #closed = false;

  constructor(
    private readonly store: SlotStore,
    private readonly options: SharedSlotsOptions,
  ) {
    super();
    this.wheel = options.wheel;
    store.listen((news) => this.#hear(news));
  }

  get alone(): boolean {
    return this.#alone;
  }

  /** Slots of a limit for its user; further ones of the same name are told apart. */
  lease({ name, max }: Omit<LeasedLimit, 'part'>, user: SlotUser): LeasedSlots {
    const known = this.#limits.get(name) ?? [];
    const slots = new LeasedSlots({ name, part: known.length, max }, user, this);
    this.#limits.set(name, [...known, slots]);
    return slots;
  }

  letInAlone(): void {
    if (!this.#closed) this.options.onLetInAlone?.();
  }

  send(slots: LeasedSlots): void {
    if (this.slot === undefined) this.#windUp();
    void this.#claim([slots]);
  }

  /** Claims everything anew. */
  override due(): void {
    const known = this.#all().filter(({ active }) => this.#alone || active);
    if (!this.#alone && known.length === 0) return;
    this.#windUp();
    const free = known.filter(({ asking }) => !asking);
    // Without any it asks whether the store is there.
    if (this.#alone || free.length > 0) void this.#claim(free);
  }

  /** Gives everything back, as the process ends; what runs on is counted by itself. Never rejects. */
  async close(): Promise<void> {
    const known = this.#alone ? [] : this.#all().filter(({ active }) => active);
    this.#closed = true;
    this.#alone = true;
    this.wheel.remove(this);
    for (const slots of this.#all()) slots.goAlone();
    if (known.length === 0) return;
    const claims = known.map(({ limit }) => ({ ...limit, held: 0, wanted: 0 }));
    // What cannot be given back is free when its lease is over.
    await this.#answerTo(this.store.claim(claims)).catch(() => undefined);
  }

  async #claim(limits: readonly LeasedSlots[]): Promise<void> {
    const outages = this.#outages;
    const until = this.wheel.now() + this.store.leaseMs;
    try {
      const grants = await this.#answerTo(this.store.claim(limits.map((slots) => slots.begin())));
      if (this.#closed) return;
      const wasAlone = this.#alone;
      if (wasAlone) this.#comeTogether();
      for (const [index, slots] of limits.entries()) {
        const grant = grants[index];
        if (outages === this.#outages && grant !== undefined) slots.answered(grant, until);
        else slots.unanswered();
      }
      for (const slots of wasAlone ? this.#all() : limits) slots.demandChanged();
    } catch (error) {
      for (const slots of limits) slots.unanswered();
      this.#goAlone(error);
    }
  }

  #answerTo<T>(answer: Promise<T>): Promise<T> {
    const late = (): Error => new Error(`the store of slots did not answer within ${ANSWER_MS} ms`);
    return answeredBy(this.wheel, answer, ANSWER_MS, late);
  }

  #goAlone(error: unknown): void {
    if (this.#alone) return;
    this.#alone = true;
    this.#outages++;
    this.wheel.remove(this);
    this.#windUp();
    this.options.onAlone?.(error);
    for (const slots of this.#all()) slots.goAlone();
  }

  #comeTogether(): void {
    this.#alone = false;
    this.options.onTogether?.();
    for (const slots of this.#all()) slots.rejoin();
  }

  #all(): readonly LeasedSlots[] {
    return [...this.#limits.values()].flat();
  }

  #hear(news: SlotNews): void {
    if (news.kind === 'back') {
      this.wheel.remove(this);
      if (!this.#closed) this.due();
      return;
    }
    for (const slots of this.#limits.get(news.name) ?? []) {
      if (news.kind === 'freed') slots.heardFreed();
      else slots.heardWanted(news.keep);
    }
  }

  #windUp(): void {
    this.wheel.addIn(this, this.#alone ? RETRY_MS : this.store.leaseMs / 3);
  }
}
