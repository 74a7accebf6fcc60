import { ForbiddenException, Logger } from '@nestjs/common';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  ActiveCall,
  Call,
  CallObservers,
  CancelledError,
  RookeryError,
  ToolError,
  isFailure,
  type Outcome,
  type Target,
  type TargetRegistries,
} from '../core/index.js';
import type { Invoker } from './invoker.js';
import { PipelineCaller } from './pipeline-caller.js';

interface Line {
  readonly level: 'error' | 'warn';
  readonly callId?: string;
  readonly principal?: string;
  readonly err?: { readonly message: string };
}

let lines: Line[] = [];

beforeEach(() => {
  lines = [];
  const write = (level: Line['level']) => (fields: object) => void lines.push({ level, ...fields });
  Logger.overrideLogger({ error: write('error'), warn: write('warn'), log: () => undefined });
});

/** The outcome of a call whose target does this; arguments and principal are there to be found where they must not be. */
async function outcomeOf(run: (call: Call) => unknown): Promise<Outcome> {
  const targets: Pick<TargetRegistries, 'find'> = { find: (kind, name) => ({ target: { kind, name } as Target }) };
  const invoker: Pick<Invoker, 'invoke'> = { invoke: async (_target, call) => run(call) };
  const caller = new PipelineCaller(
    targets as TargetRegistries,
    new CallObservers(),
    invoker as Invoker,
    new ActiveCall(),
  );
  const principal = { id: 'ann', roles: [], permissions: [], attributes: {} };
  return caller.call(new Call({ kind: 'tool', name: 'echo', input: { note: 'private' }, principal }));
}

describe('the log of the pipeline', () => {
  it.each([
    ['an error', new Error('broken'), 'broken'],
    ['a text', 'broken', 'broken'],
    ['null', null, 'null'],
    ['undefined', undefined, 'undefined'],
  ])('[S7] has %s that was thrown, under the id that the caller got', async (_what, thrown, message) => {
    const outcome = await outcomeOf(() => Promise.reject(thrown));
    if (!isFailure(outcome)) throw new Error('the call must fail');
    const { correlationId } = outcome.error.details;
    expect(lines).toMatchObject([{ level: 'error', callId: correlationId, principal: 'ann', err: { message } }]);
  });

  it('[S7] has no credential and no arguments', async () => {
    await outcomeOf(() => Promise.reject(new Error('db password=hunter2')));
    expect(lines).toHaveLength(1);
    expect(JSON.stringify(lines)).not.toMatch(/hunter2|private/);
  });

  it('[S7] has the cause that an expected failure keeps to itself', async () => {
    const cause = new Error('connect ECONNREFUSED');
    await outcomeOf(() => Promise.reject(new ToolError('The archive is closed.', {}, { cause })));
    expect(lines).toMatchObject([{ level: 'warn', outcome: 'tool_error', err: { message: 'connect ECONNREFUSED' } }]);
  });

  it.each([
    ['a success', () => 'value'],
    ['an expected failure without a cause', () => Promise.reject(new ToolError('no such city'))],
    ['a refusal', () => Promise.reject(new ForbiddenException())],
    ['a refusal of ours', () => Promise.reject(new RookeryError('rate_limited', 'slow down'))],
    ['a call given up', (call: Call) => (call.abort(new CancelledError()), new Promise(() => undefined))],
  ])('is silent about %s', async (_what, run) => {
    await outcomeOf(run);
    expect(lines).toEqual([]);
  });
});
