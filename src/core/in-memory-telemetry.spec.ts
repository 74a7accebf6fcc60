import { describe, expect, it } from 'vitest';
import { InMemoryTelemetry } from './in-memory-telemetry.js';

const CALLS = { name: 'calls_total', help: 'Calls.', labels: ['tool', 'outcome'] };

describe('InMemoryTelemetry', () => {
  it('adds up a counter by its labels, in whatever order they are written', () => {
    const telemetry = new InMemoryTelemetry();
    const calls = telemetry.counter(CALLS);
    calls.bind({ tool: 'a', outcome: 'ok' }).add(1);
    calls.bind({ outcome: 'ok', tool: 'a' }).add(2);
    calls.bind({ tool: 'b', outcome: 'ok' }).add(5);
    expect(telemetry.samples()).toEqual([
      { name: 'calls_total', labels: { tool: 'a', outcome: 'ok' }, type: 'counter', value: 3 },
      { name: 'calls_total', labels: { tool: 'b', outcome: 'ok' }, type: 'counter', value: 5 },
    ]);
  });

  it('does not mix up label values that look the same when joined', () => {
    const telemetry = new InMemoryTelemetry();
    telemetry.counter(CALLS).bind({ tool: 'a,b', outcome: 'c' }).add(1);
    telemetry.counter(CALLS).bind({ tool: 'a', outcome: 'b,c' }).add(1);
    expect(telemetry.samples().map(({ value }) => value)).toEqual([1, 1]);
  });

  it('gives the same metric to whoever defines it again', () => {
    const telemetry = new InMemoryTelemetry();
    const labels = { tool: 'a', outcome: 'ok' };
    telemetry.counter(CALLS).bind(labels).add(1);
    telemetry.counter(CALLS).bind(labels).add(1);
    expect(telemetry.samples()).toMatchObject([{ value: 2 }]);
  });

  it('moves a gauge both ways, and to a value', () => {
    const telemetry = new InMemoryTelemetry();
    const gauge = telemetry.gauge({ name: 'in_flight', help: 'Running.' }).bind({});
    gauge.add(3);
    gauge.add(-1);
    expect(telemetry.samples()).toMatchObject([{ type: 'gauge', value: 2 }]);
    gauge.set(7);
    expect(telemetry.samples()).toMatchObject([{ value: 7 }]);
  });

  it('counts a histogram cumulatively, a value on a bound within it', () => {
    const telemetry = new InMemoryTelemetry();
    const histogram = telemetry.histogram({ name: 'seconds', help: 'Time.', buckets: [1, 2, 5] }).bind({});
    for (const value of [0.5, 1, 1.5, 4, 9]) histogram.observe(value);
    expect(telemetry.samples()).toEqual([
      {
        name: 'seconds',
        labels: {},
        type: 'histogram',
        value: 16,
        count: 5,
        buckets: new Map([
          [1, 2],
          [2, 3],
          [5, 4],
        ]),
      },
    ]);
  });

  it('[O1] keeps a metric to its number of series, and says how often it had none', () => {
    const telemetry = new InMemoryTelemetry({ maxSeries: 2 });
    const calls = telemetry.counter(CALLS);
    for (const tool of ['a', 'b', 'c', 'd', 'a']) calls.bind({ tool, outcome: 'ok' }).add(1);
    const values = telemetry
      .samples()
      .map(({ name, labels, value }) => [name, labels['tool'] ?? labels['metric'], value]);
    expect(values).toEqual([
      ['rookery_telemetry_series_dropped_total', 'calls_total', 2],
      ['calls_total', 'a', 2],
      ['calls_total', 'b', 1],
      ['calls_total', '_other', 2],
    ]);
  });

  it('keeps only labels that the metric has, whatever else is bound', () => {
    const telemetry = new InMemoryTelemetry();
    telemetry.counter(CALLS).bind({ tool: 'a', outcome: 'ok', caller: 'somebody' }).add(1);
    expect(telemetry.samples()[0]?.labels).toEqual({ tool: 'a', outcome: 'ok' });
  });

  it('names every metric that was defined, before it has a series', () => {
    const telemetry = new InMemoryTelemetry();
    telemetry.histogram({ name: 'seconds', help: 'Time.' });
    const family = telemetry.families().find(({ definition }) => definition.name === 'seconds');
    expect(family).toMatchObject({ type: 'histogram', definition: { help: 'Time.' } });
    expect([...(family?.samples() ?? [])]).toEqual([]);
  });

  it.each([
    [{ name: 'my-metric', help: '' }, '"my-metric" cannot be the name'],
    [{ name: 'calls_total', help: '', labels: ['tool-name'] }, '"tool-name" cannot be a label'],
    [{ name: 'in_flight', help: '' }, 'two different types'],
  ])('refuses what would make the page unreadable: %o', (definition, message) => {
    const telemetry = new InMemoryTelemetry();
    telemetry.gauge({ name: 'in_flight', help: 'Running.' });
    expect(() => telemetry.counter(definition)).toThrow(message);
  });
});
