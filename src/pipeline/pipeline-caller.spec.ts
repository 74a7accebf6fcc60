import { Logger } from '@nestjs/common';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  ActiveCall,
  Call,
  CallObservers,
  CancelledError,
  RookeryError,
  TargetRegistries,
  ToolError,
  type CallObserver,
  type Outcome,
  type Target,
} from '../core/index.js';
import type { Invoker } from './invoker.js';
import { PipelineCaller } from './pipeline-caller.js';

/** A caller in front of one tool, with observers around it. */
function callerOf(run: (call: Call) => unknown, ...observers: readonly CallObserver[]): PipelineCaller {
  const around = new CallObservers();
  observers.forEach((observer) => around.add(observer));
  const invoker: Pick<Invoker, 'invoke'> = { invoke: async (_target, call) => run(call) };
  const targets: Pick<TargetRegistries, 'find'> = {
    find: (_kind, name) => (name === 'echo' ? { target: { kind: 'tool', name } as Target } : undefined),
  };
  return new PipelineCaller(targets as TargetRegistries, around, invoker as Invoker, new ActiveCall());
}

const callTo = (name: string): Call => new Call({ kind: 'tool', name, input: {} });

/** Writes down what it hears. */
function listener(heard: string[], name = 'it'): CallObserver {
  return {
    start: () => void heard.push(`${name} start`),
    end: (_call: Call, outcome: Outcome) => void heard.push(`${name} end ${outcome.code}`),
  };
}

const endings: readonly (readonly [code: string, run: (call: Call) => unknown])[] = [
  ['ok', () => 'value'],
  ['tool_error', () => Promise.reject(new ToolError('no'))],
  ['internal', () => Promise.reject(new Error('broken'))],
  ['rate_limited', () => Promise.reject(new RookeryError('rate_limited', 'slow down', { retryAfter: 3 }))],
  ['cancelled', (call) => (call.abort(), new Promise(() => undefined))],
  ['timeout', (call) => (call.abort(new RookeryError('timeout', 'too slow')), new Promise(() => undefined))],
];

beforeAll(() => Logger.overrideLogger(false));

describe('PipelineCaller', () => {
  it('ends with the value, and how long it took', async () => {
    const outcome = await callerOf((call) => call.name).call(callTo('echo'));
    expect(outcome).toEqual({ code: 'ok', value: 'echo', durationMs: expect.any(Number) as number });
    expect(outcome.durationMs).toBeGreaterThanOrEqual(0);
  });

  it('does not reject for an unknown target, nor run anything', async () => {
    const outcome = await callerOf(() => expect.unreachable()).call(callTo('nothing'));
    expect(outcome).toMatchObject({ code: 'unknown', error: { message: 'Unknown tool: nothing' } });
  });

  it('gives the abort as the reason when what is thrown after it is its consequence', async () => {
    const run = (call: Call): never => {
      call.abort(new CancelledError('The client left.'));
      throw new Error('socket closed');
    };
    expect(await callerOf(run).call(callTo('echo'))).toMatchObject({
      code: 'cancelled',
      error: { message: 'The client left.' },
    });
  });

  describe('observers', () => {
    it.each(endings)('hear of the end once when it is %s', async (code, run) => {
      const heard: string[] = [];
      const outcome = await callerOf(run, listener(heard)).call(callTo('echo'));
      expect(outcome.code).toBe(code);
      expect(heard).toEqual(['it start', `it end ${code}`]);
    });

    it('hear of a call to something unknown', async () => {
      const heard: string[] = [];
      await callerOf(() => 1, listener(heard)).call(callTo('nothing'));
      expect(heard).toEqual(['it start', 'it end unknown']);
    });

    it('may refuse a call before anything is decided, and all of them hear of it', async () => {
      const heard: string[] = [];
      const full: CallObserver = {
        start: () => {
          throw new RookeryError('overloaded', 'The audit disk is full.');
        },
      };
      const caller = callerOf(() => expect.unreachable(), listener(heard, 'one'), full, listener(heard, 'two'));
      expect(await caller.call(callTo('echo'))).toMatchObject({ code: 'overloaded' });
      expect(heard).toEqual(['one start', 'two start', 'one end overloaded', 'two end overloaded']);
    });

    it('run the call inside each other, in the order in which they came', async () => {
      const heard: string[] = [];
      const around = (name: string): CallObserver => ({
        run: async (_call, next) => {
          heard.push(`${name} in`);
          const outcome = await next();
          heard.push(`${name} out ${outcome.code}`);
          return outcome;
        },
      });
      const run = (): void => void heard.push('run');
      await callerOf(run, around('one'), {}, around('two')).call(callTo('echo'));
      expect(heard).toEqual(['one in', 'two in', 'run', 'two out ok', 'one out ok']);
    });

    it('get an outcome inside too, and no exception', async () => {
      const inside: string[] = [];
      const around: CallObserver = {
        run: async (_call, next) => {
          const outcome = await next();
          inside.push(outcome.code);
          return outcome;
        },
      };
      await callerOf(() => Promise.reject(new Error('broken')), around).call(callTo('echo'));
      expect(inside).toEqual(['internal']);
    });

    it('are waited for before the answer goes out', async () => {
      const heard: string[] = [];
      const slow: CallObserver = {
        end: async () => {
          await new Promise((resolve) => setImmediate(resolve));
          heard.push('written');
        },
      };
      await callerOf(() => 1, slow).call(callTo('echo'));
      expect(heard).toEqual(['written']);
    });

    it('that fail at the end take neither the answer away nor the others’ turn', async () => {
      const heard: string[] = [];
      const broken: CallObserver[] = [
        { end: () => expect.unreachable() },
        { end: () => Promise.reject(new Error('disk full')) },
      ];
      const outcome = await callerOf(() => 'value', ...broken, listener(heard)).call(callTo('echo'));
      expect(outcome).toMatchObject({ code: 'ok', value: 'value' });
      expect(heard).toEqual(['it start', 'it end ok']);
    });

    it('that come while a call runs see the next one', async () => {
      const observers = new CallObservers();
      const heard: string[] = [];
      const late = listener(heard);
      const early: CallObserver = { start: () => observers.add(late) };
      observers.add(early);
      const invoker = { invoke: () => Promise.resolve(1) } as unknown as Invoker;
      const caller = new PipelineCaller(new TargetRegistries(), observers, invoker, new ActiveCall());
      await caller.call(callTo('first'));
      expect(heard).toEqual([]);
      await caller.call(callTo('second'));
      expect(heard).toEqual(['it start', 'it end unknown']);
    });
  });
});

describe('CallObservers', () => {
  it('tell everybody of an attempt that never became a call', () => {
    const seen: unknown[] = [];
    const observers = new CallObservers();
    for (const observer of [{ refused: (attempt: unknown) => seen.push(attempt) }, {}]) observers.add(observer);
    const attempt = { kind: 'request', outcome: 'unauthenticated', reason: 'expired key' } as const;
    observers.refused(attempt);
    expect(seen).toEqual([attempt]);
  });
});
