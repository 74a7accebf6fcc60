import { describe, expect, it } from 'vitest';
import { formContent } from './form-answer.js';

const form = (property: object, required = false): object => ({
  type: 'object',
  properties: { field: property },
  required: required ? ['field'] : [],
});
const titled = [
  { const: 'a', title: 'A' },
  { const: 'b', title: 'B' },
];

describe('formContent', () => {
  it.each([
    [{ type: 'string', minLength: 2, maxLength: 3 }, 'ab', 'a'],
    [{ type: 'string', enum: ['a', 'b'] }, 'a', 'c'],
    [{ type: 'string', oneOf: titled }, 'b', 'A'],
    [{ type: 'integer', minimum: 1, maximum: 3 }, 3, 1.5],
    [{ type: 'number', maximum: 1 }, 0.5, 2],
    [{ type: 'number' }, -1, '1'],
    [{ type: 'boolean' }, false, 'false'],
    [{ type: 'array', items: { type: 'string', enum: ['a', 'b'] }, maxItems: 2 }, ['a', 'b'], ['a', 'c']],
    [{ type: 'array', items: { anyOf: titled }, minItems: 1 }, ['b'], []],
    [{ type: 'object' }, undefined, {}],
  ])('takes and refuses values of %j', (property, good, bad) => {
    if (good !== undefined) expect(formContent(form(property), { field: good })).toEqual({ field: good });
    expect(formContent(form(property), { field: bad })).toBeUndefined();
  });

  it('asks for what is required, and for nothing more', () => {
    expect(formContent(form({ type: 'string' }, true), {})).toBeUndefined();
    expect(formContent(form({ type: 'string' }), {})).toEqual({});
  });

  it('leaves out what was not asked for', () => {
    expect(formContent(form({ type: 'string' }), { field: 'x', __proto__: { admin: true }, role: 'admin' })).toEqual({
      field: 'x',
    });
  });

  it.each([null, 1, 'text', [], undefined])('refuses %j as content', (content) => {
    expect(formContent(form({ type: 'string' }), content)).toBeUndefined();
  });
});
