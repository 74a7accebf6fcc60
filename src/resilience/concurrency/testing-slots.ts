import { DeadlineWheel } from '../deadlines/deadline-wheel.js';
import { ConcurrencyLimit, type ConcurrencySettings, type Waiting } from './concurrency-limit.js';
import { InMemorySlotStore, SlotTable } from './in-memory-slot-store.js';
import type { LeasedSlots } from './leased-slots.js';
import { SharedSlots } from './shared-slots.js';
import { SlotStore, type SlotClaim, type SlotGrant, type SlotNews } from './slot-store.js';

/** Everything that promises have set off has happened. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A clock of several processes and of the store that they share, for specs: it stands still until it is moved. */
export class SlotWorld {
  now = 0;
  readonly table = new SlotTable({ now: () => this.now });
  readonly processes: SlotProcess[] = [];
  /** Looks at everything, after whatever happened. */
  check: () => void = () => undefined;
  #events: { readonly at: number; readonly happen: () => void }[] = [];

  /** @param latency - milliseconds that each message takes; those of one way never overtake each other */
  constructor(private readonly latency: () => number = () => 0) {}

  /** Starts a process with one limit. */
  start(settings: Partial<ConcurrencySettings> = {}): SlotProcess {
    const full = { max: 2, maxQueue: 100, maxWaitMs: 60_000, ...settings };
    const process = new SlotProcess(this, `process ${this.processes.length}`, full);
    this.processes.push(process);
    return process;
  }

  /** A way for messages. */
  way(): (arrive: () => void) => void {
    let last = 0;
    return (arrive) => {
      last = Math.max(last, this.now + this.latency());
      if (last === this.now) arrive();
      else this.#events.push({ at: last, happen: arrive });
    };
  }

  /** Lets time go by, in ticks of the wheels. */
  async pass(ms: number): Promise<void> {
    await settled();
    const end = this.now + ms;
    while (this.now < end) {
      this.now = Math.min(end, this.now + 10);
      const due = this.#events.filter(({ at }) => at <= this.now).toSorted((a, b) => a.at - b.at);
      this.#events = this.#events.filter(({ at }) => at > this.now);
      for (const { happen } of due) {
        happen();
        await settled();
        this.check();
      }
      for (const process of this.processes) process.tick();
      await settled();
      this.check();
    }
  }
}

/** One process: a limit whose slots are leased, and what came of those who wanted in. */
export class SlotProcess {
  readonly store: RemoteSlotStore;
  readonly wheel: DeadlineWheel;
  readonly shared: SharedSlots;
  readonly limit: ConcurrencyLimit;
  /** The slots of the limit. */
  leased!: LeasedSlots;
  /** `alone` and `together`, as the process was told of them; `local` for each call let in alone. */
  readonly log: string[] = [];
  entered = 0;
  refused = 0;
  crowdedOut = 0;
  /** Neither its clock nor its messages go on: as after SIGKILL, or SIGSTOP. */
  stopped = false;

  constructor(world: SlotWorld, name: string, settings: ConcurrencySettings) {
    this.store = new RemoteSlotStore(world, name, () => this.stopped);
    this.wheel = new DeadlineWheel({ now: () => world.now, alarm: () => ({ refresh: () => undefined }) });
    this.shared = new SharedSlots(this.store, {
      wheel: this.wheel,
      onLetInAlone: () => void this.log.push('local'),
      onAlone: () => void this.log.push('alone'),
      onTogether: () => void this.log.push('together'),
    });
    this.limit = new ConcurrencyLimit(settings, this.wheel, (user) => {
      this.leased = this.shared.lease({ name: 'tool:a', max: settings.max }, user);
      return this.leased;
    });
  }

  /** A call wants in; it runs until {@link leave}. */
  enter(): Waiting | undefined {
    if (this.limit.tryEnter()) {
      this.entered++;
      return undefined;
    }
    const waiting = this.limit.wait();
    if (waiting === undefined) this.refused++;
    else void this.#follow(waiting);
    return waiting;
  }

  leave(): void {
    this.limit.leave();
  }

  tick(): void {
    if (!this.stopped) this.wheel.tick();
  }

  async #follow(waiting: Waiting): Promise<void> {
    const entered = await waiting.entered.catch(() => undefined);
    if (entered === true) this.entered++;
    if (entered === false) this.refused++;
    if (waiting.crowdedOut) this.crowdedOut++;
  }
}

/** The store as a process far away has it: messages take time, and it can be away. */
export class RemoteSlotStore extends SlotStore {
  /** `away` answers that it cannot be reached, `silent` never answers. */
  state: 'there' | 'away' | 'silent' = 'there';
  /** Claims that were sent, be it of many limits. */
  claims = 0;
  readonly #store: InMemorySlotStore;
  readonly #there: (arrive: () => void) => void;
  readonly #back: (arrive: () => void) => void;
  readonly #news: (arrive: () => void) => void;
  readonly #listeners: ((news: SlotNews) => void)[] = [];

  constructor(
    world: SlotWorld,
    name: string,
    private readonly stopped: () => boolean,
  ) {
    super();
    this.#store = new InMemorySlotStore(world.table, name);
    [this.#there, this.#back, this.#news] = [world.way(), world.way(), world.way()];
    this.#store.listen((news) => this.#news(() => this.tell(news)));
  }

  override get leaseMs(): number {
    return this.#store.leaseMs;
  }

  override claim(claims: readonly SlotClaim[]): Promise<readonly SlotGrant[]> {
    this.claims++;
    if (this.state === 'away') return Promise.reject(new Error('The store is away.'));
    return new Promise((resolve) =>
      this.#there(() => {
        if (this.state !== 'there') return;
        void this.#store.claim(claims).then((grants) => this.#back(() => !this.stopped() && resolve(grants)));
      }),
    );
  }

  override listen(listener: (news: SlotNews) => void): void {
    this.#listeners.push(listener);
  }

  /** Has the process hear something, unless it cannot. */
  tell(news: SlotNews): void {
    if (this.state === 'there' && !this.stopped()) for (const listener of this.#listeners) listener(news);
  }
}
