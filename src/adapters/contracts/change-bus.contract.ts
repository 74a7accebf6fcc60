import type { ChangeBus, ContractRunner, ServerChange } from '../../core/index.js';

const EVERY_KIND: readonly ServerChange[] = [
  { kind: 'tools' },
  { kind: 'prompts' },
  { kind: 'resources' },
  { kind: 'resource', uri: 'note://1?a=ü' },
  { kind: 'task', taskId: 'a-task' },
];

/**
 * What every {@link ChangeBus} must do. `makeBus` gives one for each test; `another`, where processes share a bus, that
 * of another process.
 */
export function describeChangeBus(
  { describe, it, expect, beforeEach }: ContractRunner,
  makeBus: () => ChangeBus | Promise<ChangeBus>,
  another?: () => ChangeBus | Promise<ChangeBus>,
): void {
  describe('ChangeBus contract', () => {
    let bus: ChangeBus;

    beforeEach(async () => void (bus = await makeBus()));

    it('carries every change to everybody who listens, once and at once, until they stop', async () => {
      const [one, two] = [heardBy(bus), heardBy(bus)];
      for (const change of EVERY_KIND) bus.publish(change);
      expect(one.changes).toEqual(EVERY_KIND);
      one.stop();
      bus.publish({ kind: 'tools' });
      expect(one.changes).toEqual(EVERY_KIND);
      expect(two.changes).toEqual([...EVERY_KIND, { kind: 'tools' }]);
      await Promise.resolve();
    });

    if (another !== undefined) {
      it('carries changes to other processes, in order, and back to nobody', async () => {
        const other = await another();
        const [here, there] = [heardBy(bus), heardBy(other)];
        for (const change of EVERY_KIND) bus.publish(change);
        await there.until(EVERY_KIND.length);
        other.publish({ kind: 'task', taskId: 'the-last' });
        await here.until(EVERY_KIND.length + 1);
        expect(there.changes).toEqual([...EVERY_KIND, { kind: 'task', taskId: 'the-last' }]);
        expect(here.changes).toEqual([...EVERY_KIND, { kind: 'task', taskId: 'the-last' }]);
      });
    }
  });
}

/** What somebody hears of a bus from now on. */
function heardBy(bus: ChangeBus) {
  const changes: ServerChange[] = [];
  let awaited: { readonly number: number; readonly reached: () => void } | undefined;
  const stop = bus.subscribe((change) => {
    changes.push(change);
    if (changes.length === awaited?.number) awaited.reached();
  });
  const until = async (number: number): Promise<void> => {
    if (changes.length < number) await new Promise<void>((reached) => void (awaited = { number, reached }));
  };
  return { changes, stop, until };
}
