/** A metric of the guide, as a formula over the server's own. */
export interface DerivedMetric {
  readonly name: string;
  /** What it says, for people. */
  readonly means: string;
  /** In the language of conditions; what has no window gets that of the condition. */
  readonly formula: string;
  /** Its labels → those of the metrics in the formula. */
  readonly labels: Readonly<Record<string, string>>;
  /** The metric it is another name for where a function is applied: `p95(tool_execution_time[5m])`. */
  readonly metric?: string;
}

/** Ends that are the server's fault or a tool's. What callers do wrong, or may not do, is none of them. */
const FAILED = 'internal|tool_error|timeout|overloaded|breaker_open';
/** Ends as the author of the target meant them. */
const SUCCEEDED = 'ok|input_required|task';

/**
 * The metrics that the guide names, each by its formula: what conditions are evaluated by, what is exported to
 * Prometheus, and what the documentation prints.
 *
 * A refused call (wrong arguments, no permission, over a limit, an unknown name, cancelled by the caller) is neither a
 * success nor an error: it is not in the denominator either, so that nobody hides errors behind refusals.
 */
export const DERIVED_METRICS: readonly DerivedMetric[] = [
  {
    name: 'error_rate',
    means: 'Share of calls that failed, of those that were not refused.',
    formula: `rate(rookery_calls_total{outcome=~"${FAILED}"}) / rate(rookery_calls_total{outcome=~"${SUCCEEDED}|${FAILED}"})`,
    labels: { kind: 'kind', target: 'target' },
  },
  {
    name: 'tool_success_rate',
    means: 'Share of calls of tools that succeeded, of those that were not refused.',
    formula: `rate(rookery_calls_total{kind="tool",outcome=~"${SUCCEEDED}"}) / rate(rookery_calls_total{kind="tool",outcome=~"${SUCCEEDED}|${FAILED}"})`,
    labels: { tool: 'target' },
  },
  {
    name: 'avg_response_time',
    means: 'Seconds that calls of tools took on average, refused ones included.',
    formula: 'rate(rookery_tool_duration_seconds_sum) / rate(rookery_tool_duration_seconds_count)',
    labels: { tool: 'tool' },
  },
  {
    name: 'tool_execution_time',
    means: 'The histogram of these seconds: for p95() and avg(); by itself their average.',
    formula: 'rate(rookery_tool_duration_seconds_sum) / rate(rookery_tool_duration_seconds_count)',
    labels: { tool: 'tool' },
    metric: 'rookery_tool_duration_seconds',
  },
  {
    name: 'concurrent_requests',
    means: 'Calls under way.',
    formula: 'sum(rookery_calls_in_flight)',
    labels: { kind: 'kind' },
    metric: 'rookery_calls_in_flight',
  },
  {
    name: 'cache_hit_rate',
    means: 'Share of calls of cached targets that were answered from the cache.',
    formula: 'rate(rookery_cache_requests_total{result="hit"}) / rate(rookery_cache_requests_total)',
    labels: { tool: 'tool' },
  },
];
