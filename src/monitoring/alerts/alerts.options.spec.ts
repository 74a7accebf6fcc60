import { describe, expect, it } from 'vitest';
import { alertsOptions } from './alerts.options.js';
import { durationMs, durationText } from './duration.js';

const faults = (given: object): readonly string[] =>
  (alertsOptions.safeParse(given).error?.issues ?? []).map(({ path, message }) => `${path.join('.')}: ${message}`);
const rule = (more: object): object => ({ rules: { one: { condition: 'error_rate > 1', ...more } } });
const webhook = (more: object): object => ({
  actions: { send: { type: 'webhook', url: 'https://x.example/', ...more } },
});

describe('the section monitoring.alerts', () => {
  it("[O4] takes the guide's rules as they are", () => {
    const rules = {
      high_error_rate: { condition: 'error_rate > 0.05', duration: '5m', action: 'send_alert' },
      high_latency: { condition: 'avg_response_time > 5s', duration: '2m', action: 'send_alert' },
    };
    expect(alertsOptions.parse({ rules }).rules).toMatchObject(rules);
  });

  it.each([
    [
      rule({ duration: '5m', for: '4m' }),
      'rules.one.for: says 4m, and duration, which means the same, 5m; keep one of them',
    ],
    [rule({ action: 'a', actions: ['b'] }), 'rules.one.actions: stands beside action; keep one of them'],
    [
      rule({ duration: '5 minutes' }),
      'rules.one.duration: a duration is a number with ms, s, m, h or d, as 5m; 30d at the most',
    ],
    [
      rule({ duration: '31d' }),
      'rules.one.duration: a duration is a number with ms, s, m, h or d, as 5m; 30d at the most',
    ],
    [
      rule({ condition: 'error_rate >' }),
      'rules.one.condition: at character 13: a metric, a function or a number is expected, not the end',
    ],
    [webhook({ url: 'ftp://x.example/' }), 'actions.send.url: is an http: or https: address'],
    [
      webhook({ url: 'https://me:pw@x.example/' }),
      'actions.send.url: has no user and password in it: use `secret`, which signs',
    ],
    [
      webhook({ secret: '0123456789abcdef', secretFile: 'f' }),
      'actions.send.secretFile: stands beside secret; keep one of them',
    ],
  ])('[O4] refuses %o', (given, expected) => {
    expect(faults(given)).toEqual([expected]);
  });
});

describe('durations', () => {
  it.each([
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['1.5s', 1_500],
    ['200ms', 200],
    ['2d', 172_800_000],
  ])('%s are %i ms', (text, expected) => {
    expect(durationMs(text)).toBe(expected);
    expect(durationMs(durationText(expected))).toBe(expected);
  });

  it.each(['', '5', 'm', '5m ', '-5m', '5w', '1h-'])('"%s" is none', (text) =>
    expect(durationMs(text)).toBeUndefined(),
  );
});
