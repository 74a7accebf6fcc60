import type { DeadlineWheel } from '../deadlines/deadline-wheel.js';
import { WheelEntry } from '../deadlines/timing-wheel.js';
import type { SlotClaim, SlotGrant } from './slot-store.js';
import type { SlotSupply, SlotUser } from './slot-supply.js';

/** Slots that were not used in a whole one of these periods go back. */
const IDLE_MS = 500;

/** What the store believes when it is not known. */
const UNKNOWN = -1;

/** What leased slots need of their process. */
export interface SlotKeeper {
  readonly wheel: DeadlineWheel;
  /** Whether the store does not answer, so that the process counts by itself. */
  readonly alone: boolean;
  /** A call was let in while that is so. */
  letInAlone(): void;
  /** Sends a claim of these slots, which begins by {@link LeasedSlots.begin}. */
  send(slots: LeasedSlots): void;
}

/** The limit that slots are leased for. */
export interface LeasedLimit {
  readonly name: string;
  /** See {@link SlotClaim.part}. */
  readonly part: number;
  readonly max: number;
}

/**
 * The slots of one limit that this process has leased. Calls use them one after another without asking anybody; the store
 * hears of it when there are too few, when some were idle, or when others wait. One claim at a time is under way.
 *
 * While the store does not answer there are `max`, for this process alone.
 */
export class LeasedSlots extends WheelEntry implements SlotSupply {
  /** Slots that this process has; never less than are in use, unless it is alone. */
  #held = 0;
  /** What the store believes that it has. */
  #told = 0;
  /** Whether the store knows that it waits for more. */
  #inLine = false;
  /** Whether it is worth asking again though it is in line. */
  #again = false;
  #keep: number;
  /** What others have told since the claim under way was sent: its answer may be from before or after. */
  #heardKeep = Infinity;
  /** When the lease ends at the earliest, by the clock of the wheel. */
  #until = 0;
  #asking = false;
  /** What the claim under way says, and who has waited when it was sent. */
  #sent = { held: 0, wanted: 0, arrivals: 0 };
  /** The most that was in use at once since idle slots were last looked for. */
  #peak = 0;

  constructor(
    readonly limit: LeasedLimit,
    private readonly user: SlotUser,
    private readonly keeper: SlotKeeper,
  ) {
    super();
    this.#keep = limit.max;
  }

  /** Slots that it has leased. */
  get held(): number {
    return this.#held;
  }

  /** Whether a claim is under way. */
  get asking(): boolean {
    return this.#asking;
  }

  /** Whether the store has to hear of it again and again. */
  get active(): boolean {
    return this.#held > 0 || this.#told !== 0 || this.user.queued > 0;
  }

  take(running: number): boolean {
    if (this.keeper.alone) {
      if (running >= this.limit.max) return false;
      this.keeper.letInAlone();
      return true;
    }
    if (running >= this.#held) return false;
    if (this.keeper.wheel.now() < this.#until) return true;
    // The process stood still for longer than its lease: others may have what it has not in use.
    this.#forget();
    this.demandChanged();
    return false;
  }

  left(running: number): void {
    if (running >= this.#peak) this.#peak = running + 1;
    if (this.keeper.alone) return;
    const waitedFor = this.#keep < this.limit.max;
    if (waitedFor && (this.#held > this.#keep || this.user.queued === 0)) {
      this.#held--;
      this.demandChanged();
    } else this.#watchIdle();
  }

  expected(): number {
    const refused = this.#inLine && !this.#asking;
    return this.keeper.alone || refused ? 0 : Math.max(0, this.limit.max - this.#held);
  }

  /** Has the store told what it does not know. */
  demandChanged(): void {
    if (this.#asking || this.keeper.alone) return;
    const waits = this.#wanted > 0;
    if (this.#held !== this.#told || waits !== this.#inLine || (waits && this.#again)) this.keeper.send(this);
  }

  /** Looks for slots that nobody has used. */
  override due(): void {
    const { running } = this.user;
    this.#held = Math.min(this.#held, Math.max(this.#peak, running));
    this.#peak = running;
    this.#watchIdle();
    this.demandChanged();
  }

  /** A claim of what there is; it ends by {@link answered} or {@link unanswered}. */
  begin(): SlotClaim {
    const { arrivals, running } = this.user;
    const { alone, wheel } = this.keeper;
    if (alone || wheel.now() >= this.#until) this.#held = running;
    // None while it counts alone: whoever waits then does because it has let in all that it may.
    const wanted = this.#wanted;
    this.#asking = true;
    this.#again = false;
    this.#heardKeep = Infinity;
    this.#sent = { held: this.#held, wanted, arrivals };
    return { ...this.limit, held: this.#held, wanted };
  }

  /** @param until - when the lease ends at the earliest */
  answered({ granted, keep }: SlotGrant, until: number): void {
    this.#told = this.#sent.held + granted;
    this.#held += granted;
    this.#inLine = granted < this.#sent.wanted;
    this.#keep = Math.min(keep, this.#heardKeep);
    this.#until = until;
    this.user.admit();
    // Where there is nothing more to be had, that is the answer for those who have come since, too.
    const nothingMore = this.#inLine || this.#held >= this.limit.max;
    this.user.bound(nothingMore ? this.user.arrivals : this.#sent.arrivals);
    this.#yield();
    this.#watchIdle();
    this.#asking = false;
    this.demandChanged();
  }

  /** The claim under way has no answer that counts. */
  unanswered(): void {
    this.#asking = false;
  }

  /** The process counts by itself from now on. */
  goAlone(): void {
    this.user.admit();
    this.user.bound(this.user.arrivals);
  }

  /** The store is there again: it is to hear of what is in use, and nobody else enters before it has. */
  rejoin(): void {
    this.#forget();
  }

  /** Free slots are there for who waits. */
  heardFreed(): void {
    this.#again = true;
    this.demandChanged();
  }

  /** Others wait: idle slots go back. */
  heardWanted(keep: number): void {
    this.#heardKeep = Math.min(keep, this.#heardKeep);
    if (this.keeper.alone) return;
    this.#keep = keep;
    this.#yield();
    this.demandChanged();
  }

  get #wanted(): number {
    return Math.max(0, Math.min(this.user.queued, this.limit.max - this.#held));
  }

  #forget(): void {
    this.#held = this.user.running;
    this.#told = UNKNOWN;
    this.#inLine = false;
  }

  #yield(): void {
    if (this.#keep < this.limit.max) this.#held = this.user.running;
  }

  #watchIdle(): void {
    if (this.slot === undefined && this.#held > this.user.running) this.keeper.wheel.addIn(this, IDLE_MS);
  }
}
