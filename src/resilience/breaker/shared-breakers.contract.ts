import type { ContractRunner } from '../../core/index.js';
import type { BreakerSettings } from './circuit-breaker.js';
import type { BreakerAnswer, BreakerEvent, SharedBreakers, SharedBreakerState } from './shared-breakers.js';

/** A back end with a clock of its own makes tests wait for it. */
const TIMEOUT_MS = 200;
const SETTINGS: BreakerSettings = { failureThreshold: 3, timeoutMs: TIMEOUT_MS, halfOpenMaxCalls: 2 };
const LONG: BreakerSettings = { ...SETTINGS, timeoutMs: 60_000 };

/** One process, and what it has heard. */
class Peer {
  readonly known = new Map<string, SharedBreakerState>();
  readonly heard: SharedBreakerState[] = [];
  joined: readonly SharedBreakerState[] | undefined;
  #look: () => void = () => undefined;

  constructor(readonly shared: SharedBreakers) {
    shared.listen({
      changed: (state) => {
        this.heard.push(state);
        this.#keep(state);
        this.#look();
      },
      joined: (states) => {
        this.joined = states;
        for (const state of states) this.#keep(state);
        this.#look();
      },
      left: () => undefined,
    });
  }

  async report(name: string, event: BreakerEvent, settings = SETTINGS): Promise<BreakerAnswer> {
    const known = this.known.get(name)?.version ?? 0;
    const answer = await this.shared.report({ name, settings, known, event });
    this.#keep(answer.state);
    return answer;
  }

  /** How a call ended that began in the period that this process knows of. */
  async ended(kind: 'fault' | 'success', name = 'a', settings = SETTINGS): Promise<SharedBreakerState> {
    const period = this.known.get(name)?.period ?? 0;
    return (await this.report(name, { kind, period }, settings)).state;
  }

  async open(name = 'a', settings = SETTINGS): Promise<SharedBreakerState> {
    let state = await this.ended('fault', name, settings);
    while (state.state !== 'open') state = await this.ended('fault', name, settings);
    return state;
  }

  /** A trial keeps its place for long, so that no test hangs on how quick the machine is. */
  async tries(lease: string, settings = LONG): Promise<boolean> {
    return (await this.report('a', { kind: 'trial', lease }, settings)).admitted;
  }

  /** Resolves when it has heard so. */
  async until(reached: (peer: Peer) => boolean): Promise<void> {
    if (!reached(this)) await new Promise<void>((resolve) => void (this.#look = () => reached(this) && resolve()));
  }

  #keep(state: SharedBreakerState): void {
    if (state.version > (this.known.get(state.name)?.version ?? 0)) this.known.set(state.name, state);
  }
}

const isIn =
  (state: string, name = 'a') =>
  ({ known }: Peer): boolean =>
    known.get(name)?.state === state;

/**
 * What every {@link SharedBreakers} must do. `make` gives one where nothing is known for each test, in touch with the
 * others once its `listen` was called, or after the promise of `start`; `another` that of another process; `pass` lets
 * time go by, which a test of a real back end waits for.
 */
export function describeSharedBreakers(
  { describe, it, expect, beforeEach }: ContractRunner,
  make: () => SharedBreakers | Promise<SharedBreakers>,
  another: () => SharedBreakers | Promise<SharedBreakers>,
  pass: (ms: number) => void | Promise<void>,
  start: (shared: SharedBreakers) => void | Promise<void> = () => undefined,
): void {
  const join = async (shared: SharedBreakers | Promise<SharedBreakers>): Promise<Peer> => {
    const peer = new Peer(await shared);
    await start(peer.shared);
    await peer.until(({ joined }) => joined !== undefined);
    return peer;
  };

  describe('SharedBreakers contract', () => {
    let here: Peer;
    let there: Peer;

    beforeEach(async () => {
      here = await join(make());
      there = await join(another());
    });

    it('counts the faults in a row of all, and opens for all, for the whole time', async () => {
      await here.ended('fault', 'a', LONG);
      await there.ended('fault', 'a', LONG);
      const { state, remainingMs } = await here.ended('fault', 'a', LONG);
      expect([state, remainingMs]).toEqual(['open', LONG.timeoutMs]);
      await there.until(isIn('open'));
      expect(there.known.get('a')?.remainingMs).toBe(LONG.timeoutMs);
    });

    it('ends the row by a success of any', async () => {
      for (const peer of [here, there, here, there, here, there]) {
        await peer.ended('fault');
        await (peer === here ? there : here).ended('success');
      }
      expect(await here.ended('fault')).toMatchObject({ state: 'closed', faults: 1 });
    });

    it('keeps breakers apart whose names look alike', async () => {
      const names = ['a', 'A', 'a:', 'a b', 'ä', '{a}', 'a\n', '"a"', 'trials:a', '.', 'a'.repeat(256), '%61', '\0'];
      for (const name of names) expect(await here.ended('fault', name)).toMatchObject({ name, faults: 1 });
      await there.until(({ heard }) => heard.length >= names.length);
      expect(there.heard.map(({ name }) => name)).toEqual(names);
    });

    it('takes no notice of what calls report that began in an earlier period', async () => {
      await here.ended('fault');
      const period = here.known.get('a')?.period ?? 0;
      await here.open();
      await pass(TIMEOUT_MS);
      await here.tries('trial');
      await here.report('a', { kind: 'trial-success', lease: 'trial' });
      await here.ended('fault');
      for (const kind of ['fault', 'fault', 'fault', 'success'] as const) await there.report('a', { kind, period });
      expect(await here.ended('fault')).toMatchObject({ state: 'closed', faults: 2 });
    });

    it('admits no trial before the time is over, then so many at once over all', async () => {
      await here.open('a', LONG);
      expect(await there.tries('early')).toBe(false);
      await here.report('a', { kind: 'reset' });
      await here.open();
      await pass(TIMEOUT_MS);
      const tries = [1, 2, 3, 4].flatMap((at) => [here.tries(`h${at}`), there.tries(`t${at}`)]);
      const admitted = (await Promise.all(tries)).filter(Boolean);
      expect(admitted.length).toBe(SETTINGS.halfOpenMaxCalls);
      await there.until(isIn('half-open'));
    });

    it('closes for all when a trial succeeds, whatever the others report then', async () => {
      await here.open();
      await pass(TIMEOUT_MS);
      expect([await here.tries('one'), await there.tries('two')]).toEqual([true, true]);
      await here.report('a', { kind: 'trial-success', lease: 'one' });
      await there.until(isIn('closed'));
      const late = await there.report('a', { kind: 'trial-fault', lease: 'two' });
      expect(late.state).toMatchObject({ state: 'closed', faults: 0, remainingMs: 0 });
      expect(await there.tries('three')).toBe(true);
    });

    it('opens anew for all when a trial fails, and no call of before counts', async () => {
      await here.open();
      await pass(TIMEOUT_MS);
      await there.tries('one');
      const { state } = await there.report('a', { kind: 'trial-fault', lease: 'one' }, LONG);
      expect(state).toMatchObject({ state: 'open', remainingMs: LONG.timeoutMs });
      await here.until(isIn('open'));
      await here.report('a', { kind: 'trial-success', lease: 'one' });
      await here.ended('success');
      expect(await here.tries('two')).toBe(false);
    });

    it('takes no notice of calls of a process that has not heard that it is not closed any more', async () => {
      const opened = await here.open('a', LONG);
      for (const kind of ['fault', 'fault', 'fault', 'success'] as const) {
        const { state } = await there.report('a', { kind, period: 0 }, LONG);
        expect(state).toEqual({ ...opened, remainingMs: state.remainingMs });
      }
    });

    it('gives the place of a trial that says nothing of the tool to another', async () => {
      await here.open();
      await pass(TIMEOUT_MS);
      expect([await here.tries('one'), await here.tries('two'), await there.tries('three')]).toEqual([
        true,
        true,
        false,
      ]);
      await here.report('a', { kind: 'trial-end', lease: 'one' });
      expect([await there.tries('three'), await there.tries('four')]).toEqual([true, false]);
    });

    it('gives the place of a trial of which nothing is heard to another, and then takes no notice of it', async () => {
      await here.open();
      await pass(TIMEOUT_MS);
      await here.tries('hanging', SETTINGS);
      await here.tries('running');
      await pass(TIMEOUT_MS);
      expect([await there.tries('one'), await there.tries('two')]).toEqual([true, false]);
      const { state } = await here.report('a', { kind: 'trial-fault', lease: 'hanging' });
      expect(state.state).toBe('half-open');
    });

    it('closes by hand for all, from any state', async () => {
      await here.open();
      await there.report('a', { kind: 'reset' });
      await here.until(isIn('closed'));
      await here.ended('fault');
      await here.report('a', { kind: 'reset' });
      expect(await here.ended('fault')).toMatchObject({ state: 'closed', faults: 1 });
    });

    it('tells who comes what is open or failing, and nothing else', async () => {
      await here.open('open', LONG);
      await here.ended('fault', 'failing');
      await here.ended('fault', 'well');
      await here.ended('success', 'well');
      const { joined = [] } = await join(another());
      const told = joined.map(({ name, state, faults }) => `${name} ${state} ${faults}`);
      expect(told.toSorted()).toEqual(['failing closed 1', 'open open 0']);
      const remaining = joined.find(({ name }) => name === 'open')?.remainingMs ?? 0;
      expect(remaining).toBeGreaterThan(LONG.timeoutMs - 10_000);
      expect(remaining).toBeLessThanOrEqual(LONG.timeoutMs);
    });

    it('lets who was out of touch open a breaker, but not undo what is newer', async () => {
      await here.open('open', LONG);
      const joins = (name: string, state: 'closed' | 'open', alone: boolean): Promise<BreakerAnswer> =>
        there.report(name, { kind: 'join', state, faults: 0, remainingMs: 5_000, alone }, LONG);
      there.known.delete('open');
      expect((await joins('open', 'closed', true)).state.state).toBe('open');
      const { state } = await joins('well', 'open', true);
      expect(state).toMatchObject({ state: 'open', faults: 0, remainingMs: 5_000 });
      await here.until(isIn('open', 'well'));
      await here.report('well', { kind: 'reset' });
      there.known.delete('well');
      expect((await joins('well', 'open', true)).state.state).toBe('open');
      await here.report('well', { kind: 'reset' });
      there.known.delete('well');
      expect((await joins('well', 'open', false)).state.state).toBe('closed');
    });

    it('learns of a process what it has lost', async () => {
      const known = 9_000_000_000_000_000;
      const event = { kind: 'join', state: 'open', faults: 0, remainingMs: 5_000, alone: false } as const;
      const { state } = await here.shared.report({ name: 'lost', settings: LONG, known, event });
      expect(state).toMatchObject({ state: 'open', version: known + 1, remainingMs: 5_000 });
      await there.until(isIn('open', 'lost'));
    });
  });
}
