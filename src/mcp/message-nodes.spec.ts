import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { textHasAtMostNodes, valueHasAtMostNodes } from './message-nodes.js';

/** How many values and names there are. */
function nodesOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 1;
  if (Array.isArray(value)) return value.reduce<number>((sum, entry) => sum + nodesOf(entry), 1);
  return Object.values(value).reduce<number>((sum, entry) => sum + 1 + nodesOf(entry), 1);
}

/** Empty lists and objects hold nothing, though the text has a bracket for them: it may count one more for each. */
function emptyOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const inner = Object.values(value) as unknown[];
  return inner.length === 0 ? 1 : inner.reduce<number>((sum, entry) => sum + emptyOf(entry), 0);
}

describe('the nodes of a message', () => {
  it('[R7] are counted alike in its text and in its value, whatever its strings hold', () => {
    const string = fc.stringMatching(/^[[\]{},:"\\a]*$/);
    const json = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        string,
        fc.integer(),
        fc.array(tie('value')),
        fc.dictionary(string, tie('value')),
      ),
    })).value;
    fc.assert(
      fc.property(json, (value) => {
        const nodes = nodesOf(value);
        expect(valueHasAtMostNodes(value, nodes)).toBe(true);
        expect(valueHasAtMostNodes(value, nodes - 1)).toBe(false);
        // White space makes a text long enough to be looked at.
        const text = JSON.stringify(value).padEnd(4 * nodes + 100);
        expect(textHasAtMostNodes(text, nodes + emptyOf(value))).toBe(true);
        if (nodes > 1) expect(textHasAtMostNodes(text, nodes - 1)).toBe(false);
      }),
    );
  });

  it('need not be counted in a text too short to have more', () => {
    expect(textHasAtMostNodes(`[${'1,'.repeat(499)}1]`, 1_000)).toBe(true);
  });

  it('are counted in no JSON without an end', () => {
    expect(textHasAtMostNodes('"'.repeat(5_001), 1_000)).toBe(true);
    expect(textHasAtMostNodes(`"${'\\'.repeat(5_000)}`, 1_000)).toBe(true);
    expect(textHasAtMostNodes(','.repeat(5_000), 1_000)).toBe(false);
  });
});
