import { describe, expect, it } from 'vitest';
import { summarizeCalls } from './call-metrics.js';

type Samples = Parameters<typeof summarizeCalls>[0];

const calls = (kind: string, target: string, outcome: string, value: number): Samples[number] => ({
  name: 'rookery_calls_total',
  labels: { kind, target, outcome },
  type: 'counter',
  value,
});

const durations = (tool: string, seconds: number, count: number): Samples[number] => ({
  name: 'rookery_tool_duration_seconds',
  labels: { tool },
  type: 'histogram',
  value: seconds,
  count,
  buckets: new Map([[1, count]]),
});

describe('the summary of calls', () => {
  it('is zeros before the first call', () => {
    expect(summarizeCalls([])).toEqual({
      calls_total: 0,
      calls_by_outcome: {},
      calls_in_flight: 0,
      error_rate: 0,
      avg_response_time_ms: 0,
    });
  });

  it('adds up kinds and targets by outcome', () => {
    const samples = [calls('tool', 'a', 'ok', 5), calls('tool', 'b', 'ok', 2), calls('resource', 'c', 'unknown', 1)];
    expect(summarizeCalls(samples)).toMatchObject({ calls_total: 8, calls_by_outcome: { ok: 7, unknown: 1 } });
  });

  it('counts faults of the server as errors and refusals not', () => {
    const samples = [
      calls('tool', 'a', 'ok', 4),
      calls('tool', 'a', 'invalid_arguments', 3),
      calls('tool', 'a', 'cancelled', 1),
      calls('tool', 'a', 'timeout', 1),
      calls('tool', 'a', 'internal', 1),
    ];
    expect(summarizeCalls(samples).error_rate).toBe(0.2);
  });

  it('weighs the mean duration by the calls of each tool', () => {
    const samples = [durations('quick', 0.01, 9), durations('slow', 0.99, 1)];
    expect(summarizeCalls(samples).avg_response_time_ms).toBeCloseTo(100);
  });

  it('adds up what is in flight, and ignores metrics of others', () => {
    const inFlight = (kind: string, value: number): Samples[number] => ({
      name: 'rookery_calls_in_flight',
      labels: { kind },
      type: 'gauge',
      value,
    });
    const other: Samples[number] = { name: 'process_memory', labels: {}, type: 'gauge', value: 1e9 };
    expect(summarizeCalls([inFlight('tool', 2), inFlight('prompt', 1), other]).calls_in_flight).toBe(3);
  });
});
