import { describe, expect, it } from 'vitest';
import { nearest } from './located.js';
import { parseYamlFile } from './yaml-file.js';

const lineOf = (text: string, ...path: (string | number)[]) =>
  nearest(parseYamlFile(text, 'f').located, path)?.origin.label;
const faultsOf = (text: string) => parseYamlFile(text, 'f').faults.map(({ origin, message }) => `${origin} ${message}`);

describe('parseYamlFile', () => {
  it('remembers the line of every key and item', () => {
    const text = '# hello\nserver:\n  port: 1\n  hosts:\n    - a\n    - b\n';
    expect(lineOf(text, 'server', 'port')).toBe('f:3');
    expect(lineOf(text, 'server', 'hosts', 1)).toBe('f:6');
    expect(lineOf(text, 'server', 'missing')).toBe('f:2');
  });

  it.each(['', '# only comments\n', '---\n', 'null'])('takes the empty file %j', (text) => {
    expect(parseYamlFile(text, 'f')).toMatchObject({ faults: [], located: { value: new Map() } });
  });

  it('follows aliases', () => {
    const { located, faults } = parseYamlFile('a: &x\n  p: 1\nb: *x\n', 'f');
    expect(faults).toEqual([]);
    expect(nearest(located, ['b', 'p'])?.value).toBe(1);
  });

  it.each([
    ['a duplicate key', 'a: 1\nb: 2\na: 3\n', /^f:3 has this key twice/],
    ['a list at the top', '- a\n', /^f must be a map/],
    ['text at the top', 'hello', /^f must be a map/],
    ['tabs', 'a:\n\tb: 1\n', /^f:2 .*[Tt]ab/],
    ['an unknown tag', 'a: !secret x\n', /^f:1 has a tag/],
    ['two documents', 'a: 1\n---\nb: 1\n', /^f:2 .*documents/],
    ['__proto__', 'a: 1\n__proto__:\n  admin: true\n', /^f:2 has the key __proto__/],
    ['constructor, deep inside', 'a:\n  b:\n    constructor: {}\n', /^f:3 has the key constructor/],
    ['a list as key', '? [a]\n: 1\n', /^f:1 has a key that is not text/],
    ['an unknown alias', 'a: *nope\n', /^f:1 .*alias/],
    ['an alias of itself', 'a: &x\n  b: *x\n', /levels|aliases/],
    ['deep nesting', 'a: '.concat('['.repeat(50), ']'.repeat(50)), /^f:1 is nested deeper/],
  ])('[S2] refuses %s, with its line', (_, text, fault) => {
    expect(faultsOf(text).join('\n')).toMatch(fault);
    expect(parseYamlFile(text, 'f').located).toBeUndefined();
  });

  it.each(['[', '[a, ', '{a: ', '- ', '? '])('refuses very deep nesting by %j quickly', (opener) => {
    const started = performance.now();
    expect(faultsOf(opener.repeat(100_000))).toEqual(['f is nested too deeply']);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it('refuses an alias bomb quickly', () => {
    const levels = Array.from({ length: 12 }, (_, level) => {
      const item = level === 0 ? 'x' : `*l${level - 1}`;
      return `l${level}: &l${level} [${Array.from({ length: 10 }, () => item).join(', ')}]`;
    });
    const started = performance.now();
    expect(faultsOf(levels.join('\n'))).toEqual([expect.stringContaining('more than 100 aliases')]);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it('never quotes the file in a fault', () => {
    const secret = 'hunter2hunter2';
    for (const text of [
      `a: "\\q${secret}"`,
      `a: 'x' ${secret}`,
      `a: [1\n${secret}: x`,
      `a: |${secret}\n`,
      `%${secret}\n---\na: 1`,
      `a: !${secret} x`,
    ]) {
      expect(faultsOf(text).join()).not.toContain(secret);
      expect(faultsOf(text)).not.toEqual([]);
    }
  });
});
