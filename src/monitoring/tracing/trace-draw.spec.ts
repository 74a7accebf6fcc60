import { SamplingDecision, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace-node';
import { ROOT_CONTEXT } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import { TraceDraw } from './trace-draw.js';

/** Marsaglia's xorshift: the same numbers in every run. */
function seeded(seed = 0x9e37_79b9): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 0x1_0000_0000;
  };
}

describe('TraceDraw', () => {
  it.each([0, 0.001, 0.1, 0.5, 1])('[O3] samples the share %d of traces', (rate) => {
    const draw = new TraceDraw(rate, seeded());
    const total = 20_000;
    const sampled = Array.from({ length: total }, () => draw.samples(draw.draw())).filter(Boolean).length;
    expect(Math.abs(sampled - total * rate)).toBeLessThanOrEqual(4 * Math.sqrt(total * rate * (1 - rate)));
  });

  it.each([0, 0.1, 0.5, 1])(
    '[O3] makes ids of which OpenTelemetry’s samplers find what was decided, at the rate %d',
    (rate) => {
      const draw = new TraceDraw(rate, seeded());
      const sampler = new TraceIdRatioBasedSampler(rate);
      for (let made = 0; made < 1_000; made++) {
        const drawn = draw.draw();
        const id = draw.traceId(drawn);
        const { decision } = sampler.shouldSample(ROOT_CONTEXT, id);
        expect(decision === SamplingDecision.RECORD_AND_SAMPLED).toBe(draw.samples(drawn));
        if (rate === 1) continue;
        const other = sampler.shouldSample(ROOT_CONTEXT, draw.unsampledTraceId());
        expect(other.decision).toBe(SamplingDecision.NOT_RECORD);
      }
    },
  );

  it.each([() => 0, () => 1 - Number.EPSILON])('makes valid ids of any numbers', (random) => {
    const draw = new TraceDraw(0.1, random);
    expect(draw.traceId(draw.draw())).toMatch(/^(?!0{32})[\da-f]{32}$/);
    expect(draw.unsampledTraceId()).toMatch(/^(?!0{32})[\da-f]{32}$/);
    expect(draw.spanId()).toMatch(/^(?!0{16})[\da-f]{16}$/);
  });
});
