import { describe, expect, it } from 'vitest';
import { parseDuration, parseEnd } from './duration.js';

const NOW = Date.parse('2026-11-22T12:00:00Z');

describe('parseDuration', () => {
  it.each([
    ['0s', 0],
    ['45s', 45_000],
    ['30m', 1_800_000],
    ['24h', 86_400_000],
    ['90d', 7_776_000_000],
    ['2w', 1_209_600_000],
  ])('reads %s', (text, milliseconds) => {
    expect(parseDuration(text, '--grace')).toBe(milliseconds);
  });

  it.each(['', '90', 'd', '-1d', '1.5h', '01h', '1 h', '1h30m', '1H', '1y', '1e3s', '∞d', '0x10s'])(
    'refuses %j, naming the option',
    (text) => expect(() => parseDuration(text, '--grace')).toThrow('--grace takes a whole number with s, m, h, d or w'),
  );

  it('refuses what nobody means', () => {
    expect(() => parseDuration('36501d', '--expires')).toThrow('a hundred years at the most');
    expect(() => parseDuration('999999999999w', '--expires')).toThrow('a hundred years at the most');
  });
});

describe('parseEnd', () => {
  it.each([
    ['90d', NOW + 90 * 86_400_000],
    ['2027-01-31T00:00:00Z', Date.UTC(2027, 0, 31)],
    ['2027-01-31T02:00:00+02:00', Date.UTC(2027, 0, 31)],
    ['2028-02-29T00:00:00.500Z', Date.UTC(2028, 1, 29, 0, 0, 0, 500)],
  ])('reads %s', (text, end) => {
    expect(parseEnd(text, '--expires', NOW)).toBe(end);
  });

  it.each([
    '',
    'tomorrow',
    '2027-01-31',
    '2027-01-31T00:00:00',
    '2027-02-30T00:00:00Z',
    '2027-01-31T25:00:00Z',
    'never',
  ])('refuses %j', (text) =>
    expect(() => parseEnd(text, '--expires', NOW)).toThrow(/^--expires takes a duration, as 90d, or an instant/),
  );

  it.each(['0d', '2026-11-22T12:00:00Z', '2020-01-01T00:00:00Z'])('refuses %s, which does not lie ahead', (text) => {
    expect(() => parseEnd(text, '--expires', NOW)).toThrow('--expires must lie ahead');
  });
});
