import { describe, expect, it } from 'vitest';
import { interpolate } from './interpolate.js';

const lookup = (name: string) => ({ HOST: 'db', EMPTY: '', TRICKY: '${HOST}' })[name];
const text = (template: string) => {
  const result = interpolate(template, lookup);
  return result.ok ? result.text : result.faults;
};

describe('interpolate', () => {
  it.each([
    ['plain text, also with $ and }', 'plain text, also with $ and }'],
    ['${HOST}', 'db'],
    ['postgres://${HOST}:${PORT:-5432}/x', 'postgres://db:5432/x'],
    ['${HOST:-other}', 'db'],
    ['${EMPTY}', ''],
    ['${EMPTY:-default}', 'default'],
    ['${NONE:-}', ''],
    ['${NONE:-a:-b $ c}', 'a:-b $ c'],
    ['$${HOST}', '${HOST}'],
    ['$${ is literal, ${HOST} is not', '${ is literal, db is not'],
    ['${TRICKY}', '${HOST}'],
  ])('makes of %s: %s', (template, result) => {
    expect(text(template)).toBe(result);
  });

  it('[S2] names each variable that is missing', () => {
    expect(text('${A} ${HOST} ${B}')).toEqual([
      expect.stringContaining('variable A,'),
      expect.stringContaining('variable B,'),
    ]);
  });

  it.each(['${', '${}', '${1A}', '${A B}', '${A-b}', '${A', '${A:-${B}}'])(
    'refuses %s, which is no placeholder',
    (template) => {
      expect(text(template)[0]).toContain('write $${');
    },
  );

  it('does not slow down on hostile text', () => {
    const started = performance.now();
    text('${A:-'.repeat(50_000));
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
