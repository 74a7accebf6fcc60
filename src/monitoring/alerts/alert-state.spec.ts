import { describe, expect, it } from 'vitest';
import { AlertState } from './alert-state.js';
import { Told } from './told.js';

const stages = (patience: { forMs?: number; keepFiringForMs?: number }, met: string): string =>
  played(new AlertState({ forMs: 0, keepFiringForMs: 0, ...patience }), met);

/** A look every second; `x` where the condition holds. */
function played(state: AlertState, met: string): string {
  return Array.from(met)
    .map((one, second) => {
      state.step(second * 1_000, { met: one === 'x' });
      return state.stage[0];
    })
    .join('');
}

describe('AlertState', () => {
  it.each([
    [{}, '.xx.x', 'iffrf'],
    [{ forMs: 2_000 }, '.xx.xxxx..', 'ippippffrr'],
    [{ forMs: 2_000 }, 'xxx.x.xxx', 'ppfrpippf'],
    [{ keepFiringForMs: 2_000 }, 'x.x..x...', 'ffffffffr'],
  ])('[O4] %o: %s is %s', (patience, met, expected) => {
    expect(stages(patience, met)).toBe(expected);
  });

  it('knows since when it is as it is', () => {
    const state = new AlertState({ forMs: 1_000, keepFiringForMs: 0 });
    expect(state.since).toBeUndefined();
    played(state, '.xxx');
    expect(state).toMatchObject({ stage: 'firing', since: 2_000 });
  });
});

describe('Told', () => {
  const said = (told: Told, looks: string): string =>
    Array.from(looks)
      .map(
        (look, at) =>
          told.next(at, look.toLowerCase() === 'f' ? 'firing' : 'inactive', look === 'F' || look === '_')?.[0] ?? '-',
      )
      .join('');

  it.each([
    ['each end once', undefined, 'ifffiifi', '-f--r-fr'],
    ['nothing while silenced, here in capitals and _', undefined, 'iFFF__i', '-------'],
    ['what still holds when a silence ends', undefined, 'iFFfi', '---fr'],
    ['the end of what was said before a silence, after it', undefined, 'if__i', '-f--r'],
    ['once for what fires again within a silence', undefined, 'if_Ffi', '-f---r'],
    ['what goes on, as often as is wanted', 2, 'ffffffi', 'f-f-f-r'],
  ])('[O4] says %s', (_, repeatMs, looks, expected) => {
    expect(said(new Told(repeatMs), looks)).toBe(expected);
  });
});
