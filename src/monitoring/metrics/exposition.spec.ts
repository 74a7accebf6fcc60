import { describe, expect, it } from 'vitest';
import { InMemoryTelemetry } from '../../core/index.js';
import { Exposition } from './exposition.js';

const textOf = (telemetry: InMemoryTelemetry, page = new Exposition()): string =>
  telemetry
    .families()
    .flatMap((family) => [...page.pieces(family)])
    .join('');

describe('the text format of Prometheus', () => {
  it('has help and type once, and a line for each series', () => {
    const telemetry = new InMemoryTelemetry();
    const calls = telemetry.counter({ name: 'calls_total', help: 'Calls.', labels: ['tool', 'outcome'] });
    calls.bind({ tool: 'a', outcome: 'ok' }).add(2);
    calls.bind({ tool: 'b', outcome: 'ok' }).add(1);
    expect(textOf(telemetry)).toBe(
      '# HELP calls_total Calls.\n# TYPE calls_total counter\n' +
        'calls_total{tool="a",outcome="ok"} 2\ncalls_total{tool="b",outcome="ok"} 1\n',
    );
  });

  it('has buckets, sum and count of a histogram, everything within +Inf', () => {
    const telemetry = new InMemoryTelemetry();
    const seconds = telemetry.histogram({ name: 'seconds', help: 'Time.', labels: ['tool'], buckets: [0.5, 1] });
    for (const value of [0.25, 0.75, 7]) seconds.bind({ tool: 'a' }).observe(value);
    expect(textOf(telemetry)).toBe(
      '# HELP seconds Time.\n# TYPE seconds histogram\n' +
        'seconds_bucket{tool="a",le="0.5"} 1\nseconds_bucket{tool="a",le="1"} 2\nseconds_bucket{tool="a",le="+Inf"} 3\n' +
        'seconds_sum{tool="a"} 8\nseconds_count{tool="a"} 3\n',
    );
  });

  it('has no braces where there are no labels', () => {
    const telemetry = new InMemoryTelemetry();
    telemetry.gauge({ name: 'in_flight', help: 'Running.' }).bind({}).set(Infinity);
    telemetry
      .histogram({ name: 'seconds', help: 'Time.', buckets: [1] })
      .bind({})
      .observe(2);
    expect(textOf(telemetry)).toContain('in_flight +Inf\n');
    expect(textOf(telemetry)).toContain('seconds_bucket{le="1"} 0\nseconds_bucket{le="+Inf"} 1\nseconds_sum 2\n');
  });

  it('escapes what would end a label or a line', () => {
    const telemetry = new InMemoryTelemetry();
    const odd = telemetry.counter({ name: 'odd_total', help: 'One\nline, \\ too.', labels: ['tool'] });
    odd.bind({ tool: 'a"} 1\nb\\' }).add(1);
    expect(textOf(telemetry)).toBe(
      '# HELP odd_total One\\nline, \\\\ too.\n# TYPE odd_total counter\nodd_total{tool="a\\"} 1\\nb\\\\"} 1\n',
    );
  });

  it('has the numbers as they stand on each page, of new series too', () => {
    const telemetry = new InMemoryTelemetry();
    const page = new Exposition();
    const calls = telemetry.counter({ name: 'calls_total', help: 'Calls.', labels: ['tool'] });
    const seconds = telemetry.histogram({ name: 'seconds', help: 'Time.', labels: ['tool'], buckets: [1] });
    calls.bind({ tool: 'a' }).add(1);
    seconds.bind({ tool: 'a' }).observe(0.5);
    textOf(telemetry, page);
    calls.bind({ tool: 'a' }).add(1);
    calls.bind({ tool: 'b' }).add(1);
    seconds.bind({ tool: 'a' }).observe(2);
    const text = textOf(telemetry, page);
    expect(text).toContain('calls_total{tool="a"} 2\ncalls_total{tool="b"} 1\n');
    expect(text).toContain('{tool="a",le="1"} 1\nseconds_bucket{tool="a",le="+Inf"} 2\nseconds_sum{tool="a"} 2.5\n');
  });

  it('leaves out a metric that has no series yet', () => {
    const telemetry = new InMemoryTelemetry();
    telemetry.counter({ name: 'calls_total', help: 'Calls.', labels: ['tool'] });
    expect(textOf(telemetry)).toBe('');
  });
});
