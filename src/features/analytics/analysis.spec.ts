import { describe, expect, it } from 'vitest';
import { analyze } from './analysis.js';
import { MAX_POINTS, analyzeDataOutput, type AnalyzeDataInput } from './analysis.schema.js';

const TYPES = ['statistical', 'trend', 'correlation'] as const;

const run = (data: readonly number[], analysis_type: AnalyzeDataInput['analysis_type']): ReturnType<typeof analyze> =>
  analyze({ data, analysis_type, confidence_level: 0.95 });

const MAX = Number.MAX_VALUE;
const EXTREMES: Readonly<Record<string, readonly number[]>> = {
  'one point': [7],
  'one zero': [0],
  'two equal points': [2, 2],
  zeros: [0, 0, 0, 0],
  'negative zeros': [-0, 0, -0],
  constants: Array.from({ length: 20 }, () => 0.1),
  'the largest numbers': [MAX, MAX, MAX],
  'the largest numbers of both signs': [MAX, -MAX, MAX, -MAX],
  'the smallest numbers': [5e-324, 0, 1e-323, 5e-324],
  'the largest beside the smallest': [MAX, 5e-324, 1, -MAX],
  'a line too steep for its intercept': [MAX, 0, -MAX],
};

describe.each(Object.entries(EXTREMES))('analyzing %s', (_name, data) => {
  it.each(TYPES)('[S5] gives a %s result that keeps to the output schema after a trip through JSON', (type) => {
    const result = run(data, type);
    expect(analyzeDataOutput.safeParse(result).error).toBeUndefined();
    expect(JSON.parse(JSON.stringify(result)) as unknown).toEqual(JSON.parse(JSON.stringify(result, noNaN)) as unknown);
  });
});

function noNaN(key: string, value: unknown): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`${key} is ${value}`);
  return value;
}

describe('analyze', () => {
  it('answers null for the interval of one point and of constants', () => {
    for (const data of [[4], [4, 4, 4]]) {
      expect(run(data, 'statistical')).toMatchObject({
        confidence_interval: { level: 0.95, lower: null, upper: null },
      });
    }
  });

  it('scales with its data, also where squares overflow or vanish', () => {
    const data = [1, 4, 2, 8, 5, 7];
    const [plain, trend] = [run(data, 'statistical'), run(data, 'trend')];
    for (const unit of [2 ** 900, 2 ** -900]) {
      const scaled = data.map((value) => value * unit);
      const down = (key: string, value: unknown): unknown =>
        typeof value === 'number' && !['count', 'level', 'p_value', 'correlation'].includes(key) ? value / unit : value;
      expect(JSON.parse(JSON.stringify(run(scaled, 'statistical')), down)).toEqual(plain);
      expect(JSON.parse(JSON.stringify(run(scaled, 'trend')), down)).toEqual(trend);
      expect(run(scaled, 'correlation')).toEqual(run(data, 'correlation'));
    }
  });

  it('says in words what a trend is', () => {
    expect(run([1, 2, 3, 4], 'trend')).toMatchObject({
      interpretation: { direction: 'increasing', strength: 'strong', significant: true },
    });
    expect(run([4, 4, 4, 4], 'trend')).toMatchObject({
      interpretation: { direction: 'stable', strength: 'weak', significant: false },
    });
    expect(run([3, 9, 1, 2, 6], 'trend')).toMatchObject({
      interpretation: { direction: 'decreasing', significant: false },
    });
  });

  it('finds the period of what repeats', () => {
    const pulses = Array.from({ length: 70 }, (_, index) => (index % 7 === 0 ? 1 : 0));
    expect(run(pulses, 'correlation')).toMatchObject({ periodicity_detected: true, dominant_period: 7 });
    expect(run([1, -1, 2, -3], 'correlation')).toMatchObject({ periodicity_detected: false, dominant_period: null });
  });

  it('takes as many points as one call may bring in well under a second', () => {
    const data = Array.from(
      { length: MAX_POINTS },
      (_, index) => Math.sin(index * index) + (index % 1_000 === 0 ? 40 : 0),
    );
    for (const type of TYPES) {
      const start = process.cpuUsage();
      run(data, type);
      const { user, system } = process.cpuUsage(start);
      // Ten times what it takes.
      expect((user + system) / 1_000).toBeLessThan(1_000);
    }
    expect(run(data, 'correlation')).toMatchObject({ dominant_period: 1_000 });
  });
});
