import { describe, expect, it } from 'vitest';
import { branchFor, branchesOf, faultsOfRule, type BranchRule } from './branch.js';

const rule = (given: Partial<BranchRule>): BranchRule => ({ operator: 'equals', ...given });

describe('branchFor', () => {
  it.each<[string, unknown, Partial<BranchRule>, string]>([
    ['a boolean by itself', true, {}, 'true'],
    ['a boolean by itself', false, {}, 'false'],
    ['a comparison', 120, { operator: 'greater', value: 100 }, 'true'],
    ['the border', 100, { operator: 'greater', value: 100 }, 'false'],
    ['text that is no number', '120', { operator: 'greater', value: 100 }, 'false'],
    ['[N6] text that is no boolean', 'false', { value: false }, 'false'],
    ['a list', 'b', { operator: 'in', value: ['a', 'b'] }, 'true'],
    ['a list without it', 'c', { operator: 'not_in', value: ['a', 'b'] }, 'true'],
    ['nothing', undefined, { operator: 'is_missing' }, 'true'],
    ['null', null, { operator: 'is_present' }, 'false'],
    ['a case', 'open', { cases: { ship: 'paid', remind: 'open' } }, 'remind'],
    ['the first of two that fit', 200, { operator: 'greater', cases: { large: 100, some: 1 } }, 'large'],
    ['the default', 'lost', { cases: { ship: 'paid' }, default: 'review' }, 'review'],
    ['null, which fits no case', null, { cases: { ship: 'paid' }, default: 'review' }, 'review'],
    ['a case with several values', 'b', { operator: 'in', cases: { vowel: ['a', 'e'], other: ['b', 'c'] } }, 'other'],
  ])('[W5] judges %s', (_, judged, given, branch) => {
    expect(branchFor(judged, rule(given))).toBe(branch);
  });

  it('[W5] refuses a value that fits no case, where there is no default', () => {
    expect(() => branchFor('lost', rule({ cases: { ship: 'paid' } }))).toThrow(
      'No case fits "lost" (ship). Name a branch for such values in `default`.',
    );
  });

  it.each(['true', 1, null, [true]])('[N6] takes %j for no boolean', (judged) => {
    expect(() => branchFor(judged, rule({}))).toThrow('is neither true nor false');
  });
});

it('[W5] names the branches that can be taken, each once', () => {
  expect(branchesOf(rule({}))).toEqual(['true', 'false']);
  expect(branchesOf(rule({ cases: { b: 1, a: 2 }, default: 'a' }))).toEqual(['b', 'a']);
  expect(branchesOf(rule({ cases: { b: 1 }, default: 'rest' }))).toEqual(['b', 'rest']);
});

describe('faultsOfRule', () => {
  it.each<[string, Partial<BranchRule>, string[]]>([
    ['value and cases', { value: 1, cases: { a: 1 } }, ['cases']],
    ['no case', { cases: {} }, ['cases']],
    ['a default without cases', { value: 1, default: 'a' }, ['default']],
    ['an operator without a value', { operator: 'less' }, ['value']],
    ['a value that nothing is compared with', { operator: 'is_missing', value: 1 }, ['value']],
    ['one value where a list is needed', { operator: 'in', cases: { a: 1, b: [2] } }, ['cases.a']],
    ['a list where one value is needed', { value: [1] }, ['value']],
    ['names of branches that are no names', { cases: { 1: 1, 'a.b': 2, fine: 3 } }, ['cases.1', 'cases.a.b']],
  ])('finds %s', (_, given, parameters) => {
    expect(faultsOfRule(rule(given)).map(({ path }) => path.join('.'))).toEqual(parameters);
  });

  it.each<Partial<BranchRule>>([
    {},
    { value: 1 },
    { operator: 'is_present' },
    { operator: 'in', value: [1] },
    { cases: { a: 1 }, default: 'b' },
  ])('finds nothing in %j', (given) => {
    expect(faultsOfRule(rule(given))).toEqual([]);
  });
});
