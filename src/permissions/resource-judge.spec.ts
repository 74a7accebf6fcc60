import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Call, CancelledError, type Principal } from '../core/index.js';
import { permissionsOptions } from './permissions.options.js';
import { ResourceJudge, type PermissionFault } from './resource-judge.js';
import type { LoaderFunction, ResourceContext, ValidatorFunction } from './resource-parts.js';

const principal: Principal = { id: 'ann', roles: [], permissions: [], attributes: {} };
const never = (): Promise<never> => new Promise(() => undefined);

interface Parts {
  readonly load?: LoaderFunction;
  readonly first?: ValidatorFunction;
  readonly second?: ValidatorFunction;
}

function judgeOf({ load = (id) => ({ id }), first = () => true, second = () => true }: Parts = {}) {
  const counted: PermissionFault[] = [];
  const { resources } = permissionsOptions.parse({
    resourcePermissions: { datasets: {} },
    resources: { datasets: { loader: 'store', validators: ['first', 'second'], timeoutMs: 500 } },
  });
  const validators: Readonly<Record<string, ValidatorFunction>> = { first, second };
  const parts = {
    loader: (name: string) => (name === 'store' ? load : undefined),
    validator: (name: string) => validators[name],
  };
  const judge = new ResourceJudge(resources, parts, (fault) => counted.push(fault));
  const call = new Call({ kind: 'tool', name: 't', input: {}, principal });
  const subject = { principal, type: 'datasets', action: 'update', call };
  return { judge, counted, call, subject, byId: () => judge.judgeById(subject, 'd1') };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('ResourceJudge', () => {
  it('[A7] loads the resource and asks every validator with it', async () => {
    const asked: unknown[] = [];
    const note = (user: Principal, resource: object, { type, action, id, call }: ResourceContext): boolean => {
      asked.push([user.id, resource, type, action, id, call?.name]);
      return true;
    };
    const { byId } = judgeOf({ first: note, second: async (...args) => note(...args) });
    expect(await byId()).toEqual({ allowed: true });
    const expected = ['ann', { id: 'd1' }, 'datasets', 'update', 'd1', 't'];
    expect(asked).toEqual([expected, expected]);
    expect(vi.getTimerCount()).toBe(0);
  });

  const broken = new Error('the store is gone');
  it.each<[string, Parts, string, PermissionFault | undefined, unknown]>([
    ['a validator that says no', { second: () => false }, 'validator:second', undefined, undefined],
    ['a validator that throws', { first: () => Promise.reject(broken) }, 'validator:first', 'validator_failed', broken],
    ['a validator that throws at once', { first: fail }, 'validator:first', 'validator_failed', broken],
    ['a validator that says "yes"', { first: () => 'yes' as never }, 'validator:first', 'validator_answer', undefined],
    [
      'a validator that says nothing',
      { first: () => undefined as never },
      'validator:first',
      'validator_answer',
      undefined,
    ],
    ['a loader that throws', { load: () => Promise.reject(broken) }, 'loader:store', 'loader_failed', broken],
    ['a loader that throws at once', { load: fail }, 'loader:store', 'loader_failed', broken],
    ['a loader that finds nothing', { load: () => undefined }, 'loader:store', undefined, undefined],
    ['a loader that finds null', { load: () => Promise.resolve(null) }, 'loader:store', undefined, undefined],
  ])('[A7] is refused by %s', async (_what, parts, rule, fault, cause) => {
    const { byId, counted } = judgeOf(parts);
    const decision = await byId();
    expect(decision).toMatchObject({ allowed: false, rule });
    expect('cause' in decision ? decision.cause : undefined).toBe(cause);
    expect(counted).toEqual(fault === undefined ? [] : [fault]);
    expect(vi.getTimerCount()).toBe(0);
  });

  function fail(): never {
    throw broken;
  }

  it.each<[string, Parts, string, PermissionFault]>([
    ['loader', { load: never }, 'loader:store', 'loader_timeout'],
    ['validator', { first: never }, 'validator:first', 'validator_timeout'],
    ['second validator', { second: never }, 'validator:second', 'validator_timeout'],
  ])('[A7] refuses when the time is over in a %s, and says whose fault it was', async (_what, parts, rule, fault) => {
    const { byId, counted } = judgeOf(parts);
    const decision = byId();
    await vi.advanceTimersByTimeAsync(499);
    expect(counted).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(await decision).toEqual({ allowed: false, rule, reason: 'no answer within 500 ms' });
    expect(counted).toEqual([fault]);
  });

  it('tells what still runs after its time to stop, asks nobody else, and counts it once', async () => {
    let signal: AbortSignal | undefined;
    let giveUp: ((reason: Error) => void) | undefined;
    const second = vi.fn<() => boolean>(() => true);
    const first: ValidatorFunction = (_user, _resource, context) => {
      ({ signal } = context);
      return new Promise((_resolve, reject) => (giveUp = reject));
    };
    const { byId, counted } = judgeOf({ first, second });
    const decision = byId();
    await vi.advanceTimersByTimeAsync(500);
    expect(await decision).toMatchObject({ rule: 'validator:first' });
    expect(signal?.aborted).toBe(true);
    giveUp?.(new Error('too late'));
    await vi.runAllTimersAsync();
    expect(second).not.toHaveBeenCalled();
    expect(counted).toEqual(['validator_timeout']);
  });

  it('[S11] stops when the caller goes away, which is nobody’s fault', async () => {
    const { byId, call, counted } = judgeOf({ load: never });
    const decision = byId();
    const gone = new CancelledError();
    call.abort(gone);
    await expect(decision).rejects.toBe(gone);
    expect(counted).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
    await expect(byId()).rejects.toBe(gone);
  });

  it('judges a resource that is at hand without loading it', async () => {
    const load = vi.fn<() => object>(() => ({}));
    const { judge, subject } = judgeOf({ load, second: (_user, { open }: { open: boolean }) => open });
    expect(await judge.judge(subject, { open: true })).toEqual({ allowed: true });
    expect(await judge.judge(subject, { open: false })).toMatchObject({ rule: 'validator:second' });
    expect(await judge.judge(subject, null)).toMatchObject({ rule: 'loader:datasets' });
    expect(load).not.toHaveBeenCalled();
  });

  it('refuses a resource that nothing can load, or judge', async () => {
    const { resources } = permissionsOptions.parse({
      resourcePermissions: { datasets: {} },
      resources: { datasets: { validators: ['missing'] } },
    });
    const judge = new ResourceJudge(
      resources,
      { loader: () => undefined, validator: () => undefined },
      () => undefined,
    );
    const { subject } = judgeOf();
    expect(judge.canLoad('datasets')).toBe(false);
    expect(await judge.judgeById(subject, 'd1')).toMatchObject({ rule: 'loader:datasets' });
    expect(await judge.judge(subject, {})).toMatchObject({ rule: 'validator:missing' });
  });
});
