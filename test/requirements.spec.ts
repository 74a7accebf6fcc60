import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sourcesIn } from './architecture/sources.js';
import { type Citation, citationsIn } from './citations.js';
import { dueIds, FINISHED, requirements } from './requirements.js';

const repository = resolve(import.meta.dirname, '..');
const citations = ['src', 'test'].flatMap((folder) =>
  sourcesIn(join(repository, folder))
    .filter(({ path }) => path.endsWith('.spec.ts'))
    .flatMap(({ path, text }) => citationsIn(`${folder}/${path}`, text)),
);

describe('requirements', () => {
  it('are cited by a test when a part they are due with is finished', () => {
    const cited = new Set(citations.map(({ id }) => id));
    const due = requirements.filter((row) => row.due.some((part) => FINISHED.includes(part)));
    expect(due.filter(({ id }) => !cited.has(id)).map(({ id, behaviour }) => `${id} ${behaviour}`)).toEqual([]);
  });

  it('are what tests cite, beside rows of the protocol', () => {
    const known = new Set(requirements.map(({ id }) => id));
    const unknown = citations.filter(({ id }) => !known.has(id) && !/^protocol [A-Z]\d+$/.test(id));
    expect(unknown.map(({ id, where }) => `${where} [${id}]`)).toEqual([]);
  });

  it('have an id of their own and come with a part', () => {
    const ids = requirements.map(({ id }) => id);
    expect(ids).toHaveLength(new Set(ids).size);
    expect(new Set(dueIds)).toEqual(new Set(ids));
  });
});

describe('a citation', () => {
  const ids = (text: string): readonly string[] => citationsIn('a.spec.ts', text).map(({ id }: Citation) => id);

  it.each([
    ["it('[S4] refuses', () => {})", ['S4']],
    ["test('[S4, S5] refuses', () => {})", ['S4', 'S5']],
    ["describe('[S4] [protocol A3] refuses', () => { it('[S7] tells', () => {}) })", ['S4', 'protocol A3', 'S7']],
    ["it.each(['a', 'b'])('[S9] lists %s', () => {})", ['S9']],
    ["describe.each`a`('[S9] lists', () => {})", ['S9']],
    ['it(`[S9] lists ${name}`, () => {})', ['S9']],
    ["it.fails('[S10] runs', () => {})", ['S10']],
    ["it.skip('[S4] refuses', () => {})", []],
    ["describe.skip('later', () => { it('[S4] refuses', () => {}) })", []],
    ["it.todo('[S4] refuses')", []],
    ["it('returns [S4] as it is', () => {})", []],
    ["call('[S4]')", []],
    ["// it('[S4] refuses', () => {})", []],
  ])('is found in %s', (text, expected) => {
    expect(ids(text)).toEqual(expected);
  });
});
