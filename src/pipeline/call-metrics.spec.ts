import { describe, expect, it } from 'vitest';
import {
  Call,
  CallObservers,
  InMemoryTelemetry,
  ToolError,
  type CallKind,
  type Outcome,
  type Target,
} from '../core/index.js';
import { CallMetrics } from './call-metrics.js';

const OK: Outcome = { code: 'ok', value: 1, durationMs: 20 };
const FAILED: Outcome = { code: 'tool_error', error: new ToolError('no'), durationMs: 40 };

function metricsOf(play: (metrics: CallMetrics) => void): InMemoryTelemetry {
  const telemetry = new InMemoryTelemetry();
  play(new CallMetrics(new CallObservers(), telemetry));
  return telemetry;
}

function callTo(kind: CallKind, name: string, found = true): Call {
  const call = new Call({ kind, name, input: {} });
  if (found) call.bind(targets[name] ?? (targets[name] = { kind, name } as Target), {});
  return call;
}

const targets: Record<string, Target> = {};

function played(metrics: CallMetrics, call: Call, outcome: Outcome): void {
  metrics.start(call);
  metrics.end(call, outcome);
}

const totals = (telemetry: InMemoryTelemetry, metric: string): Record<string, number> =>
  Object.fromEntries(
    telemetry
      .samples()
      .filter(({ name }) => name === metric)
      .map(({ labels, value, count }) => [Object.values(labels).join(' '), count ?? value]),
  );

describe('CallMetrics', () => {
  it('counts calls by kind, target and outcome, and times tools', () => {
    const telemetry = metricsOf((metrics) => {
      played(metrics, callTo('tool', 'echo'), OK);
      played(metrics, callTo('tool', 'echo'), OK);
      played(metrics, callTo('tool', 'echo'), FAILED);
      played(metrics, callTo('prompt', 'greet'), OK);
    });
    expect(totals(telemetry, 'rookery_calls_total')).toEqual({
      'tool echo ok': 2,
      'tool echo tool_error': 1,
      'prompt greet ok': 1,
    });
    expect(totals(telemetry, 'rookery_tool_duration_seconds')).toEqual({ echo: 3 });
    const [duration] = telemetry.samples().filter(({ type }) => type === 'histogram');
    expect(duration?.value).toBeCloseTo(0.08);
  });

  it('knows how many calls of a kind are under way', () => {
    const call = callTo('tool', 'echo');
    const telemetry = metricsOf((metrics) => {
      metrics.start(call);
      metrics.start(callTo('tool', 'other'));
      metrics.end(call, OK);
    });
    expect(totals(telemetry, 'rookery_calls_in_flight')).toEqual({ tool: 1 });
  });

  it('makes one series of all names that nobody registered, so that callers cannot make series', () => {
    const unknown: Outcome = { code: 'unknown', error: new ToolError('none'), durationMs: 1 };
    const telemetry = metricsOf((metrics) => {
      for (let index = 0; index < 100; index++) played(metrics, callTo('tool', `made-up-${index}`, false), unknown);
    });
    expect(totals(telemetry, 'rookery_calls_total')).toEqual({ 'tool _unknown unknown': 100 });
    expect(totals(telemetry, 'rookery_tool_duration_seconds')).toEqual({ _unknown: 100 });
  });

  it('registers itself with the observers', () => {
    const observers = new CallObservers();
    const metrics = new CallMetrics(observers, new InMemoryTelemetry());
    metrics.onModuleInit();
    expect(observers.all).toEqual([metrics]);
  });
});
