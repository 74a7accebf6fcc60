import { describe, expect, it } from 'vitest';
import { SelfTests, type SelfTest } from '../core/index.js';
import { selfTests } from './checks/self-tests.check.js';
import { single, type CheckFamily, type DoctorCheck } from './doctor-check.js';
import type { DoctorSubject } from './doctor-subject.js';
import { examine } from './examine.js';
import { fail, ok, skipped, warn } from './finding.js';

const familyOf = (name: string, run: DoctorCheck['run'], timeoutMs = 1_000): CheckFamily<undefined> => ({
  name,
  group: 'machine',
  atStart: 'network',
  absent: `${name} is not configured.`,
  checks: () => single(name, timeoutMs, run),
});

describe('an examination', () => {
  it('gives each check the worst of its findings, in the order of the families', async () => {
    const outcomes = await examine(
      [
        familyOf('slow', async () => await new Promise((done) => void setImmediate(() => done([ok('fine')])))),
        familyOf('bad', () => [ok('fine'), fail('broken', 'mend it'), warn('odd', 'look')]),
        { ...familyOf('absent', () => []), checks: () => [] },
      ],
      undefined,
    );
    expect(outcomes.map(({ name, status }) => [name, status])).toEqual([
      ['slow', 'ok'],
      ['bad', 'fail'],
      ['absent', 'skipped'],
    ]);
    expect(outcomes[2]?.findings).toEqual([skipped('absent is not configured.')]);
  });

  it('ends a check that hangs at its time, and tells it so', async () => {
    let aborted = false;
    const hangs = familyOf(
      'hangs',
      async (signal) => await new Promise(() => signal.addEventListener('abort', () => void (aborted = true))),
      20,
    );
    const [outcome] = await examine([hangs], undefined);
    expect(outcome).toMatchObject({ status: 'fail', findings: [{ message: 'There was no answer within 20 ms.' }] });
    expect(aborted).toBe(true);
  });

  it.each([
    ['throws', () => Promise.reject(new Error('password=hunter2 is wrong'))],
    [
      'throws at once',
      () => {
        throw new Error('password=hunter2 is wrong');
      },
    ],
  ] as const)('makes a finding of a check that %s, without credentials', async (_, run) => {
    const [outcome] = await examine([familyOf('broken', run)], undefined);
    expect(outcome?.status).toBe('fail');
    expect(JSON.stringify(outcome)).not.toContain('hunter2');
  });

  it('shows no secret, whoever wrote it, the longer first', async () => {
    const tells = familyOf('tells', () => [warn('it is abcdef-long here', 'not abcdef')]);
    const [outcome] = await examine([tells], undefined, { secrets: ['abcdef', 'abcdef-long'] });
    expect(outcome?.findings).toEqual([warn('it is *** here', 'not ***')]);
  });

  it('makes only what is chosen, and says what is under way', async () => {
    const seen: (readonly [readonly string[], number])[] = [];
    const made: string[] = [];
    const families = ['one', 'two'].map((name) => familyOf(name, () => (made.push(name), [ok(name)])));
    await examine(families, undefined, {
      chosen: (name) => name === 'two',
      progress: (running, done) => void seen.push([running, done]),
    });
    expect(made).toEqual(['two']);
    expect(seen).toEqual([
      [['two'], 0],
      [[], 1],
    ]);
  });
});

describe('self-tests in an examination', () => {
  const examined = async (test: Partial<SelfTest>) => {
    const tests = new SelfTests();
    tests.add({ name: 'sandbox', run: async () => ({ outcome: 'passed', message: 'It holds.' }), ...test });
    // Of the subject nothing else is looked at.
    const subject = { selfTests: tests } as DoctorSubject;
    return (await examine([selfTests], subject))[0];
  };

  it.each([
    ['passed', 'ok'],
    ['unavailable', 'warn'],
    ['failed', 'fail'],
  ] as const)('that %s are %s', async (outcome, status) => {
    const found = await examined({ run: async () => ({ outcome, message: 'So it is.', remedy: 'Do this.' }) });
    expect(found).toMatchObject({ name: 'self_test:sandbox', status, findings: [{ message: 'So it is.' }] });
    if (status !== 'ok') expect(found?.findings[0]).toMatchObject({ remedy: 'Do this.' });
  });

  it('that throw, or take too long, have failed', async () => {
    expect(await examined({ run: () => Promise.reject(new Error('escaped')) })).toMatchObject({
      status: 'fail',
      findings: [{ message: 'escaped' }],
    });
    expect(await examined({ timeoutMs: 10, run: async () => await new Promise(() => undefined) })).toMatchObject({
      status: 'fail',
    });
  });
});
