import { setImmediate as turn } from 'node:timers/promises';
import { isObject } from '../../../src/core/index.js';
import type { RequestId } from '../../../src/mcp/wire.js';
import type { PersonalStep } from '../generate/personal.js';
import { MARK } from '../generate/answers.js';
import { spelled } from '../generate/json.js';
import { broughtBy, type BroughtHandle, type Refusals } from '../oracle/refusals.js';
import { show } from '../oracle/show.js';
import { assemble } from './assemble.js';
import type { MemoryPeer } from './memory-peer.js';

/** One of those who meet. */
export interface Participant extends MemoryPeer {
  /** A word that only this one says. */
  readonly word: string;
  /** What was brought by which request, and whether it was the other's. */
  readonly brought: Map<RequestId, { readonly kind: BroughtHandle; readonly stolen: boolean }>;
}

/** Two clients of one server who each use what the server gave to them, and what it gave to the other. */
export class Meeting {
  /** How often a handle was refused to the other, and honoured for its owner. */
  refused = 0;
  honoured = 0;

  constructor(
    private readonly participants: readonly [Participant, Participant],
    private readonly refusals: Refusals,
  ) {}

  async hold(steps: readonly PersonalStep[]): Promise<void> {
    for (const { rest, ...step } of steps) {
      this.#take(step);
      for (let turns = 0; turns < rest; turns++) await turn();
    }
    await Promise.all(this.participants.map(({ channel }) => channel.settle()));
  }

  /** Everything that was wrong. */
  findings(): readonly string[] {
    const [first, second] = this.participants;
    return [
      ...first.channel.ledger.close(),
      ...this.#leaks(first, second),
      ...this.#misuses(first),
      ...second.channel.ledger.close(),
      ...this.#leaks(second, first),
      ...this.#misuses(second),
    ];
  }

  #take({ who, stolen, recipe }: Omit<PersonalStep, 'rest'>): void {
    const self = this.participants[who];
    const other = this.participants[1 - who] as Participant;
    const { channel, brought } = self;
    const owner = stolen ? other.channel : channel;
    const message = assemble(recipe, {
      known: owner.known,
      nextId: () => channel.nextId(),
      openId: (pick) => owner.openId(pick),
    });
    const kind = broughtBy(message);
    const { id } = message as { readonly id?: RequestId };
    const isKnown = owner.known.all().some((handle) => JSON.stringify(message).includes(handle));
    if (kind !== undefined && id !== undefined && isKnown) brought.set(id, { kind, stolen });
    channel.sendText(spelled(message).replaceAll(MARK, self.word));
  }

  /** What one has heard of the other. */
  #leaks(self: Participant, other: Participant): readonly string[] {
    const secrets = [other.word, ...other.channel.known.all()];
    return self.heard.flatMap((message) => {
      const text = JSON.stringify(message);
      return secrets
        .filter((secret) => text.includes(secret))
        .map((secret) => `${secret} of another's in ${show(message)}`);
    });
  }

  /** Handles of the other's that were not answered like unknown ones. */
  #misuses({ heard, brought }: Participant): readonly string[] {
    return heard.flatMap((message) => {
      const isAnswer = isObject(message) && !('method' in message);
      const use = isAnswer ? brought.get(message['id'] as RequestId) : undefined;
      if (use === undefined) return [];
      const isRefused = this.refusals.isRefused(use.kind, message);
      if (!use.stolen && !isRefused) this.honoured++;
      if (!use.stolen) return [];
      if (isRefused) this.refused++;
      return isRefused ? [] : [`the ${use.kind} of another's was answered: ${show(message)}`];
    });
  }
}
