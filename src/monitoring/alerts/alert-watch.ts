import type { AlertRule } from './alert-rule.js';
import { AlertState, type AlertStage } from './alert-state.js';
import { evaluate } from './condition/evaluate.js';
import type { Occurrence } from './delivery/notification.js';
import type { SampleWindows } from './series/sample-windows.js';
import { Told } from './told.js';

/** When a rule is looked at. */
export interface Look {
  /** Milliseconds that only go forward. */
  readonly at: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly silenced: boolean;
}

/** One rule, what it found, and what was said of it. */
export class AlertWatch {
  readonly #state: AlertState;
  readonly #told: Told;
  #since: number | undefined;
  #firingSince: number | undefined;

  /** @param identity - labels that say whose alert it is; those of the rule win */
  constructor(
    readonly rule: AlertRule,
    private readonly identity: Readonly<Record<string, string>>,
  ) {
    this.#state = new AlertState(rule);
    this.#told = new Told(rule.repeatMs);
  }

  get stage(): AlertStage {
    return this.#state.stage;
  }

  /** What the condition last compared; `undefined` without data. */
  get value(): number | undefined {
    return this.#state.value;
  }

  /** Since when it is in its stage, in milliseconds since the epoch. */
  get since(): number | undefined {
    return this.#since;
  }

  /** Looks at the condition; what is to be said of it, if anything. */
  look(windows: SampleWindows, { at, now, silenced }: Look): Occurrence | undefined {
    const before = this.stage;
    this.#state.step(at, evaluate(this.rule.condition, windows, at));
    if (this.stage !== before) this.#since = now;
    if (this.stage === 'firing' && before !== 'firing') this.#firingSince = now;
    const telling = this.#told.next(at, this.stage, silenced);
    return telling === undefined ? undefined : this.#occurrence(now, telling === 'resolved');
  }

  #occurrence(now: number, over: boolean): Occurrence {
    const { name, labels, summary, text } = this.rule;
    const { value } = this;
    return {
      labels: { ...this.identity, ...labels, alertname: name },
      annotations: {
        ...(summary !== undefined && { summary }),
        condition: text,
        ...(value !== undefined && { value: String(value) }),
      },
      startedAt: this.#firingSince ?? now,
      ...(over && { endedAt: this.stage === 'resolved' ? (this.#since ?? now) : now }),
    };
  }
}
