import { describe, expect, it } from 'vitest';
import { stem } from './stem.js';

describe('a stem', () => {
  it.each([
    ['cache', 'caches', 'cached', 'caching'],
    ['limit', 'limits', 'limited', 'limiting'],
    ['setting', 'settings', 'set'],
    ['query', 'queries'],
    ['process', 'processes', 'processing', 'processed'],
    ['call', 'calls', 'called', 'calling'],
    ['run', 'runs', 'running'],
    ['time', 'times', 'timed', 'timing'],
    ['use', 'uses'],
  ])('is the same for forms of %s', (word, ...forms) => {
    expect(new Set(forms.map(stem))).toEqual(new Set([stem(word)]));
  });

  it.each(['status', 'analysis', 'string', 'need', 'class', 'red', '4ms', 'größe'])('leaves %s alone', (word) => {
    expect(stem(word)).toBe(word);
  });
});
