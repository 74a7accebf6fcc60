import { describe, expect, it } from 'vitest';
import { unknownNames } from './doctor.js';
import { fail, ok, skipped } from './finding.js';
import { renderReport } from './render-report.js';
import { outcomeOf, reportOf } from './report.js';
import { secretsBetween } from './secrets-between.js';

const redis = { name: 'redis', group: 'back ends' } as const;
const memory = { name: 'memory', group: 'machine' } as const;

describe('a report', () => {
  it('is as bad as its worst check, and counts them', () => {
    const report = reportOf([
      outcomeOf(redis, 3, [ok('It answers.'), fail('It is full.', 'Make room.')]),
      outcomeOf(memory, 0, [skipped('Not told.')]),
    ]);
    expect(report).toMatchObject({ report: 1, status: 'fail', counts: { ok: 0, warn: 0, fail: 1, skipped: 1 } });
    expect(reportOf([outcomeOf(memory, 0, [skipped('Not told.')])]).status).toBe('ok');
  });

  it('is a table by group, each remedy under its finding', () => {
    const checks = [
      outcomeOf(redis, 3, [ok('It answers.'), fail('It is full.', 'Make room.')]),
      outcomeOf(memory, 0, [ok('Fine.')]),
    ];
    expect(renderReport(reportOf(checks))).toBe(
      [
        'back ends',
        '  ok    redis   It answers.',
        '  FAIL          It is full.',
        '                → Make room.',
        '',
        'machine',
        '  ok    memory  Fine.',
        '',
        '1 ok, 1 failed',
        '',
      ].join('\n'),
    );
  });

  it('lets nobody steer the terminal or forge a line', () => {
    const text = renderReport(reportOf([outcomeOf(redis, 0, [ok('a\u001b[2Jb\n  ok    forged\u009bc')])]));
    expect(text).toContain('a [2Jb   ok    forged c\n');
  });
});

describe('the names of checks', () => {
  it('are those of families, or of one check of a family', () => {
    expect(unknownNames(['redis', 'database:store', 'clock', 'configuration', 'moon', 'moon:dark'])).toEqual([
      'moon',
      'moon:dark',
    ]);
  });
});

describe('the secrets of a configuration', () => {
  it('are the texts that its redacted form has not, and passwords of URLs by themselves', () => {
    const config = {
      name: 'open-name',
      jwt: { secret: 'long-enough' },
      keys: ['one-of-them', 'short'],
      url: 'postgres://me:p%40ssw0rd@host/db',
      headers: { authorization: 'header-value' },
    };
    const redacted = {
      name: 'open-name',
      jwt: { secret: '***' },
      keys: '***',
      url: '***',
      headers: { authorization: '***' },
    };
    expect(secretsBetween(config, redacted)).toEqual([
      'long-enough',
      'one-of-them',
      'postgres://me:p%40ssw0rd@host/db',
      'p%40ssw0rd',
      'p@ssw0rd',
      'header-value',
    ]);
  });
});
