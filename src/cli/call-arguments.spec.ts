import { describe, expect, it } from 'vitest';
import { callArguments } from './call-arguments.js';

const schema = {
  type: 'object',
  properties: {
    data: {},
    query: { type: 'string' },
    limit: { type: 'integer' },
    deep: { type: ['boolean', 'null'] },
    tags: { type: 'array', items: { type: 'string' } },
    kind: { enum: ['1', '2'] },
    either: { anyOf: [{ type: 'string' }, { type: 'number' }] },
    group: { type: 'object' },
  },
};

describe('callArguments', () => {
  it.each([
    ['1,2,3.5', [1, 2, 3.5]],
    ['-1', [-1]],
    ['1 2\n3\n', [1, 2, 3]],
    ['[1, "a"]', [1, 'a']],
    [
      '[[1,2],[3,4]]',
      [
        [1, 2],
        [3, 4],
      ],
    ],
  ])('gives --data %s to the argument data', (data, expected) => {
    expect(callArguments({ data }, schema)).toEqual({ data: expected });
  });

  it('takes a JSON object in --data as all the arguments, and --arg over it', () => {
    expect(callArguments({ data: '{"query":"a","limit":1}', arg: ['limit=2'] }, schema)).toEqual({
      query: 'a',
      limit: 2,
    });
  });

  it.each([
    ['query=12', { query: '12' }],
    ['query=a=b', { query: 'a=b' }],
    ['query=', { query: '' }],
    ['limit=12', { limit: 12 }],
    ['limit=many', { limit: 'many' }],
    ['deep=true', { deep: true }],
    ['tags=a,b', { tags: ['a', 'b'] }],
    ['tags=["a,b"]', { tags: ['a,b'] }],
    ['kind=1', { kind: '1' }],
    ['either=1', { either: '1' }],
    ['group={"a":1}', { group: { a: 1 } }],
    ['unknown=1', { unknown: 1 }],
    ['__proto__=1', JSON.parse('{"__proto__": 1}')],
  ])('reads --arg %s as the schema says', (pair, expected) => {
    expect(callArguments({ arg: [pair] }, schema)).toEqual(expected);
  });

  it.each([
    [{ data: 'a,b' }, /numbers/],
    [{ data: '' }, /numbers/],
    [{ data: '{"a":' }, /numbers/],
    [{ arg: ['novalue'] }, /key=value, not "novalue"/],
    [{ arg: ['=x'] }, /key=value/],
    [{ arg: ['a=1', 'a=2'] }, /a is given twice/],
  ])('refuses %o', (given, message) => {
    expect(() => callArguments(given, schema)).toThrow(message);
  });

  it('says which arguments there are when the tool has none called data', () => {
    expect(() => callArguments({ data: '1' }, { properties: { query: {} } })).toThrow(
      /no argument called data \(it has: query\)/,
    );
    expect(callArguments({ data: '1' }, {})).toEqual({ data: [1] });
  });
});
