import { Injectable, type OnModuleInit } from '@nestjs/common';
import {
  CallObserver,
  CallObservers,
  Telemetry,
  type Call,
  type CallKind,
  type Outcome,
  type OutcomeCode,
  type Target,
} from '../core/index.js';

/** Series of one target, bound once. */
interface TargetSeries {
  readonly inFlight: { add(value: number): void };
  readonly duration: { observe(value: number): void } | undefined;
  readonly outcomes: Map<OutcomeCode, { add(value: number): void }>;
}

/** What stands in the `target` label for a name that nobody registered: callers must not make series. */
const UNKNOWN = '_unknown';

/** Counts every call by kind, target and outcome, and times tools. */
@Injectable()
export class CallMetrics extends CallObserver implements OnModuleInit {
  readonly #series = new WeakMap<Target, TargetSeries>();
  readonly #unknown = new Map<CallKind, TargetSeries>();
  readonly #calls;
  readonly #inFlight;
  readonly #duration;

  constructor(
    private readonly observers: CallObservers,
    telemetry: Telemetry,
  ) {
    super();
    this.#calls = telemetry.counter({
      name: 'rookery_calls_total',
      help: 'Calls that ended, by kind, target and outcome.',
      labels: ['kind', 'target', 'outcome'],
    });
    this.#inFlight = telemetry.gauge({
      name: 'rookery_calls_in_flight',
      help: 'Calls under way, by kind.',
      labels: ['kind'],
    });
    this.#duration = telemetry.histogram({
      name: 'rookery_tool_duration_seconds',
      help: 'How long calls of a tool took, refused ones included.',
      labels: ['tool'],
    });
  }

  onModuleInit(): void {
    this.observers.add(this);
  }

  override start(call: Call): void {
    this.#of(call).inFlight.add(1);
  }

  override end(call: Call, outcome: Outcome): void {
    const series = this.#of(call);
    series.inFlight.add(-1);
    series.duration?.observe(outcome.durationMs / 1000);
    let counter = series.outcomes.get(outcome.code);
    if (counter === undefined) {
      const target = call.targetIfFound?.name ?? UNKNOWN;
      counter = this.#calls.bind({ kind: call.kind, target, outcome: outcome.code });
      series.outcomes.set(outcome.code, counter);
    }
    counter.add(1);
  }

  #of(call: Call): TargetSeries {
    const target = call.targetIfFound;
    let series = target === undefined ? this.#unknown.get(call.kind) : this.#series.get(target);
    if (series === undefined) {
      series = {
        inFlight: this.#inFlight.bind({ kind: call.kind }),
        duration: call.kind === 'tool' ? this.#duration.bind({ tool: target?.name ?? UNKNOWN }) : undefined,
        outcomes: new Map(),
      };
      if (target === undefined) this.#unknown.set(call.kind, series);
      else this.#series.set(target, series);
    }
    return series;
  }
}
