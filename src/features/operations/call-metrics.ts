import type { Sample } from '../../index.js';
import type { CallMetrics } from './health.schema.js';

/** Outcomes that are a fault of the server or of a tool; the others are answers, or refusals of what the caller asked. */
const FAULTS: ReadonlySet<string> = new Set(['tool_error', 'timeout', 'internal', 'overloaded', 'breaker_open']);

/** Sums metric series up to what a reader of `health_check` wants to know. */
export function summarizeCalls(samples: readonly Sample[]): CallMetrics {
  const named = (name: string): readonly Sample[] => samples.filter((sample) => sample.name === name);
  const byOutcome = new Map<string, number>();
  for (const { labels, value } of named('rookery_calls_total')) {
    const outcome = labels['outcome'] ?? 'unknown';
    byOutcome.set(outcome, (byOutcome.get(outcome) ?? 0) + value);
  }
  const total = sum([...byOutcome.values()]);
  const faults = sum([...byOutcome].map(([outcome, calls]) => (FAULTS.has(outcome) ? calls : 0)));
  const durations = named('rookery_tool_duration_seconds');
  const seconds = sum(durations.map(({ value }) => value));
  return {
    calls_total: total,
    calls_by_outcome: Object.fromEntries(byOutcome),
    calls_in_flight: sum(named('rookery_calls_in_flight').map(({ value }) => value)),
    error_rate: ratio(faults, total),
    avg_response_time_ms: ratio(seconds * 1_000, sum(durations.map(({ count }) => count ?? 0))),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** 0 rather than NaN while nothing has been counted. */
function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
