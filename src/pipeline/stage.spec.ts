import { describe, expect, it } from 'vitest';
import { Call, type Target } from '../core/index.js';
import { compose, type Stage } from './stage.js';

const target = { name: 'echo' } as Target;
const call = new Call({ kind: 'tool', name: 'echo', input: {} });

describe('compose', () => {
  it('runs stages top to bottom around what the target runs, and back', async () => {
    const trace: string[] = [];
    const stage =
      (name: string): Stage =>
      () =>
      async (_call, next) => {
        trace.push(`${name} in`);
        const value = await next();
        trace.push(`${name} out`);
        return value;
      };
    const run = compose(target, [stage('one'), stage('two')], async () => trace.push('run'));
    await run(call);
    expect(trace).toEqual(['one in', 'two in', 'run', 'two out', 'one out']);
  });

  it('makes a stage ready once a target and leaves out one that has nothing to do', async () => {
    const prepared: string[] = [];
    const idle: Stage = ({ name }) => void prepared.push(name);
    const body = (): Promise<string> => Promise.resolve('value');
    const run = compose(target, [idle], body);
    expect(run).toBe(body);
    await run(call);
    await run(call);
    expect(prepared).toEqual(['echo']);
  });

  it.each<readonly [string, (wait: () => Promise<void>) => Stage]>([
    ['check', (wait) => () => ({ check: wait })],
    [
      'stage around it',
      (wait) => () => async (_call, next) => {
        await wait();
        return next();
      },
    ],
  ])('[R5][S12] lets no call go further that ended while a %s waited', async (_what, stage) => {
    let proceed: () => void = () => undefined;
    const waiting = stage(() => new Promise<void>((resolve) => (proceed = resolve)));
    const late = new Call({ kind: 'tool', name: 'echo', input: {} });
    const work = compose(target, [waiting], () => expect.unreachable())(late) as Promise<unknown>;
    const reason = new Error('its deadline has passed');
    late.abort(reason);
    proceed();
    await expect(work).rejects.toBe(reason);
  });

  it('lets a stage answer without running what is below', async () => {
    const answers: Stage = () => () => Promise.resolve('cached');
    await expect(compose(target, [answers], () => expect.unreachable())(call)).resolves.toBe('cached');
  });
});
