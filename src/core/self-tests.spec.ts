import { describe, expect, it } from 'vitest';
import { SelfTests, type SelfTest } from './self-tests.js';

const passing = (name: string): SelfTest => ({ name, run: async () => ({ outcome: 'passed', message: 'It holds.' }) });

describe('self-tests', () => {
  it('are kept in the order in which they came, until they are taken out', () => {
    const tests = new SelfTests();
    const remove = tests.add(passing('one'));
    tests.add(passing('two'));
    expect(tests.all().map(({ name }) => name)).toEqual(['one', 'two']);
    remove();
    expect(tests.all().map(({ name }) => name)).toEqual(['two']);
  });

  it('have a name each', () => {
    const tests = new SelfTests();
    const remove = tests.add(passing('one'));
    expect(() => tests.add(passing('one'))).toThrow(/two self-tests named "one"/);
    remove();
    tests.add(passing('one'));
    remove();
    expect(tests.all()).toHaveLength(1);
  });
});
