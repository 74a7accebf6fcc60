import { describe, expect, it } from 'vitest';
import { CallNotes } from './call-notes.js';
import { Call } from './call.js';

describe('CallNotes', () => {
  it('[A12] keep what is noted of a call, in order, apart from other calls', () => {
    const notes = new CallNotes();
    const [one, other] = ['one', 'other'].map((name) => new Call({ kind: 'tool', name, input: {} })) as [Call, Call];
    const first = { kind: 'would_refuse', rule: 'requiredRoles', reason: 'no role' } as const;
    const second = { ...first, rule: 'resourcePermission' };
    notes.add(one, first);
    notes.add(one, second);
    expect([notes.of(one), notes.of(other)]).toEqual([[first, second], []]);
  });
});
