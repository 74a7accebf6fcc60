import { describe, expect, it } from 'vitest';
import { answered } from './task-answers.js';
import type { TaskRecord } from './task.js';

const requestedSchema = { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] };
const question = (message: string): object => ({
  method: 'elicitation/create',
  params: { mode: 'form', message, requestedSchema },
});
const ASKED = {
  status: 'input_required',
  inputRequests: { one: question('One?'), two: question('Two?') },
} as unknown as TaskRecord;
const YES = { action: 'accept', content: { ok: true } };

describe('answers to a task', () => {
  it('are taken one by one: it waits for what is left, and works when nothing is', () => {
    const first = answered(ASKED, { one: YES });
    expect(first).toEqual({
      status: 'input_required',
      inputRequests: { two: question('Two?') },
      answers: { one: YES },
    });
    expect(answered({ ...ASKED, ...first }, { two: { action: 'decline' } })).toEqual({
      status: 'working',
      inputRequests: undefined,
      answers: { one: YES, two: { action: 'decline' } },
    });
  });

  it.each([
    ['was not asked', { three: YES }],
    ['breaks the form', { one: { action: 'accept', content: { ok: 'yes' } } }],
    ['is no answer', { one: 1, two: null }],
    ['is nothing of its own', Object.create({ one: YES }) as object],
  ])('are left aside: what %s', (_what, given) => {
    expect(answered(ASKED, given as Record<string, unknown>)).toBeUndefined();
  });

  it('are taken once', () => {
    const first = answered(ASKED, { one: YES });
    expect(answered({ ...ASKED, ...first }, { one: { action: 'cancel' } })).toBeUndefined();
  });
});
