import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Target } from './call.js';
import { TargetRegistries, TargetRegistry } from './target-registry.js';

class Things extends TargetRegistry {
  override readonly kind = 'tool';
}

/** Two classes, to tell where something was declared. */
const [First, Second] = [class First extends Things {}, class Second extends Things {}];

function thing(name: string, type: new () => object = First): Target {
  const origin = { type, methodName: name, handler: () => undefined };
  const input = { jsonSchema: {}, parse: (value: unknown) => ({ ok: true as const, value }) };
  return { kind: 'tool', name, policy: {}, origin, input, body: () => undefined };
}

/** Made once, here: fast-check makes a table of all code points for it, which takes seconds on a busy machine. */
const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 6, unit: 'binary' }), { minLength: 1 });

describe('TargetRegistry', () => {
  it('[S8] finds what was added until it is removed', () => {
    const things = new Things();
    const target = thing('a');
    things.add(target);
    expect([things.find('a'), things.get('a'), things.size]).toEqual([{ target }, target, 1]);
    expect(things.remove('a')).toBe(true);
    expect([things.find('a'), things.get('a'), things.size]).toEqual([undefined, undefined, 0]);
    expect(things.remove('a')).toBe(false);
  });

  it('[S8] refuses a second one of the same name, naming both places', () => {
    const things = new Things();
    things.add(thing('a', First));
    expect(() => things.add(thing('a', Second))).toThrow(/Two tools are named "a": First\.a and Second\.a\. Give/);
    expect(things.get('a')?.origin.type).toBe(First);
  });

  it('[S8] replaces what is there, and nothing else', () => {
    const things = new Things();
    expect(() => things.replace(thing('a'))).toThrow('There is no tool "a" to replace; register it first.');
    things.add(thing('a', First));
    things.replace(thing('a', Second));
    expect(things.get('a')?.origin.type).toBe(Second);
  });

  it('[S9] lists by name, in whatever order things came and went', () => {
    fc.assert(
      fc.property(names, fc.nat(), (added, pick) => {
        const things = new Things();
        added.forEach((name) => things.add(thing(name)));
        const gone = added[pick % added.length] as string;
        things.remove(gone);
        const left = added.filter((name) => name !== gone).toSorted((a, b) => (a < b ? -1 : 1));
        expect(things.list().map(({ name }) => name)).toEqual(left);
      }),
      { numRuns: 50 },
    );
  });

  it('moves its version and tells who listens with every change, and with nothing else', () => {
    const things = new Things();
    const versions: number[] = [];
    const stop = things.onChange(() => versions.push(things.version));
    things.add(thing('a'));
    things.replace(thing('a'));
    things.remove('a');
    things.remove('a');
    things.list();
    expect(() => things.replace(thing('a'))).toThrow('There is no tool');
    expect(versions).toEqual([1, 2, 3]);
    stop();
    things.add(thing('a'));
    expect(versions).toHaveLength(3);
  });

  it('gives a list that later changes do not touch', () => {
    const things = new Things();
    things.add(thing('a'));
    const before = things.list();
    things.add(thing('b'));
    expect(before).toHaveLength(1);
  });
});

describe('TargetRegistries', () => {
  it('find a target by its kind and name', () => {
    const things = new Things();
    const target = thing('a');
    things.add(target);
    const registries = new TargetRegistries();
    registries.add(things);
    expect([registries.find('tool', 'a'), registries.find('prompt', 'a'), [...registries.all()]]).toEqual([
      { target },
      undefined,
      [things],
    ]);
  });
});
