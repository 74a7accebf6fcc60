import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { ActiveCall } from './active-call.js';
import { Call } from './call.js';

const call = (name: string) => new Call({ kind: 'tool', name, input: {} });

describe('ActiveCall', () => {
  it('knows the call that asynchronous work was begun for, side by side with others', async () => {
    const active = new ActiveCall();
    const seen = await Promise.all(
      ['one', 'two'].map((name) =>
        active.run({ call: call(name) }, async () => {
          await setImmediate();
          return active.current?.name;
        }),
      ),
    );
    expect(seen).toEqual(['one', 'two']);
    expect(active.current).toBeUndefined();
  });

  it('gives an inner call its own scope, and the outer one back after it', () => {
    const active = new ActiveCall();
    const [outer, inner] = [call('outer'), call('inner')];
    active.run({ call: outer, trace: 't' }, () => {
      expect(active.run({ call: inner }, () => active.scope)).toEqual({ call: inner });
      expect(active.scope).toEqual({ call: outer, trace: 't' });
    });
  });
});
