import { describe, expect, it } from 'vitest';
import { Call, type CallInit, type ClientChannel, type Progress, type Target } from './call.js';
import { CancelledError } from './errors.js';

function callWith(init: Partial<CallInit> = {}): Call {
  return new Call({ kind: 'tool', name: 'echo', input: {}, ...init });
}

const NEVER = new Promise<never>(() => undefined);

describe('Call', () => {
  it('has an id of its own that stays', () => {
    const [one, other] = [callWith(), callWith()];
    expect(one.id).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
    expect(one.id).toBe(one.id);
    expect(one.id).not.toBe(other.id);
  });

  it('knows its target once it is bound, and what the target’s name carried as input', () => {
    const call = callWith();
    expect(call.targetIfFound).toBeUndefined();
    expect(() => call.target).toThrow('The target of tool "echo" is not known yet.');
    const target = { name: 'echo' } as Target;
    call.bind(target, { id: '7' });
    expect({ target: call.target, found: call.targetIfFound, input: call.input }).toEqual({
      target,
      found: target,
      input: { id: '7' },
    });
  });

  describe('the signal', () => {
    it('aborts with the reason', () => {
      const call = callWith();
      const { signal } = call;
      expect({ now: signal.aborted, call: call.aborted }).toEqual({ now: false, call: false });
      const reason = new CancelledError('gone');
      call.abort(reason);
      expect({ aborted: signal.aborted, reason: signal.reason as unknown, call: call.aborted }).toEqual({
        aborted: true,
        reason,
        call: true,
      });
    });

    it('is aborted already when it is first asked for after the abort', () => {
      const call = callWith();
      const reason = new CancelledError('gone');
      call.abort(reason);
      expect(call.signal.reason).toBe(reason);
    });

    it('keeps the first reason', () => {
      const call = callWith();
      call.abort('first');
      call.abort('second');
      expect(call.signal.reason).toBe('first');
    });

    it('tells those who listen, once', () => {
      const call = callWith();
      let heard = 0;
      call.signal.addEventListener('abort', () => heard++);
      call.abort();
      call.abort();
      expect(heard).toBe(1);
    });
  });

  describe('a race', () => {
    it('settles as the work does', async () => {
      await expect(callWith().race(Promise.resolve('done'))).resolves.toBe('done');
      await expect(callWith().race(Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    });

    it('is lost by work that an abort overtakes', async () => {
      const call = callWith();
      const race = call.race(NEVER);
      call.abort(new CancelledError('gone'));
      await expect(race).rejects.toThrow('gone');
    });

    it('is lost from the start after an abort, whatever the work does', async () => {
      const call = callWith();
      call.abort();
      await expect(call.race(NEVER)).rejects.toBeInstanceOf(CancelledError);
    });

    it('drops what the work throws after the abort', async () => {
      const call = callWith();
      let fail: (reason: Error) => void = () => undefined;
      const race = call.race(new Promise((_resolve, reject) => (fail = reject)));
      call.abort(new CancelledError('gone'));
      fail(new Error('too late'));
      await expect(race).rejects.toThrow('gone');
    });

    it('is won by work that ends before the abort', async () => {
      const call = callWith();
      const race = call.race(Promise.resolve('done'));
      await Promise.resolve();
      call.abort();
      await expect(race).resolves.toBe('done');
    });
  });

  it('tells the client how far it has come, and nothing once it is aborted', () => {
    const heard: unknown[] = [];
    const client = {
      progress: (progress: Progress) => heard.push(progress),
      log: (level: string, data: unknown, logger?: string) => heard.push({ level, data, logger }),
    } as Partial<ClientChannel> as ClientChannel;
    const call = callWith({ client });
    call.progress(1, 2, 'half');
    call.log('info', { rows: 3 }, 'reader');
    call.abort();
    call.progress(2, 2);
    call.log('info', 'late');
    expect(heard).toEqual([
      { progress: 1, total: 2, message: 'half' },
      { level: 'info', data: { rows: 3 }, logger: 'reader' },
    ]);
  });

  it('goes on without a client that listens', () => {
    const call = callWith();
    expect(() => {
      call.progress(1);
      call.log('error', 'nobody hears');
    }).not.toThrow();
  });
});

describe('a call that waits for a person', () => {
  const request = { message: 'Go on?', schema: { type: 'object', properties: {} } } as const;

  it('says so once, however many questions are open, and when the last is answered', async () => {
    const heard: string[] = [];
    const answers: (() => void)[] = [];
    const client: ClientChannel = {
      progress: () => undefined,
      log: () => undefined,
      supports: () => true,
      ask: () => new Promise((resolve) => answers.push(() => resolve({ action: 'decline' }))),
      once: async (_call, _key, effect) => effect(),
      releaseStream: () => undefined,
      continueAsTask: () => Promise.resolve(false),
    };
    const call = new Call({ kind: 'tool', name: 'x', input: {}, client });
    call.onWaiting({ pause: () => void heard.push('pause'), resume: () => void heard.push('resume') });
    const both = Promise.all([call.elicit({ key: 'a', ...request }), call.elicit({ key: 'b', ...request })]);
    answers[0]?.();
    await Promise.resolve();
    expect(heard).toEqual(['pause']);
    answers[1]?.();
    await both;
    expect(heard).toEqual(['pause', 'resume']);
  });
});
