import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { JsonSchema } from '../core/index.js';
import { AuditRedactor, MAX_RECORDED } from './audit-redactor.js';
import { SensitiveSchema } from './sensitive-schema.js';

const redactor = new AuditRedactor(['\\b\\d{3}-\\d{2}-\\d{4}\\b']);
const redacted = (value: unknown, schema?: JsonSchema): unknown =>
  JSON.parse(JSON.stringify(redactor.value(value, schema && SensitiveSchema.of(schema))));

describe('the redaction of audited values', () => {
  it('[A9] masks what has a telling name, whatever it is', () => {
    const value = { user: 'ann', password: 'hunter2', nested: [{ api_key: { a: 1 }, access_token: 'abc' }], pin: 1234 };
    expect(redacted(value)).toEqual({
      user: 'ann',
      password: '***',
      nested: [{ api_key: '***', access_token: '***' }],
      pin: '***',
    });
  });

  it('leaves numbers that only count tokens', () => {
    expect(redacted({ max_tokens: 500, tokens: [1, 2], pinned: true })).toEqual({
      max_tokens: 500,
      tokens: [1, 2],
      pinned: true,
    });
  });

  it('[A9] masks credentials within texts, and what configured patterns match', () => {
    expect(redacted('Authorization: Bearer abcdefghijkl')).not.toContain('abcdefghijkl');
    expect(redacted('postgres://user:hunter2@db/x')).not.toContain('hunter2');
    expect(redacted({ note: 'ssn 123-45-6789 of ann' })).toEqual({ note: 'ssn *** of ann' });
  });

  it('[A9] masks what a schema calls sensitive', () => {
    const schema = z.toJSONSchema(
      z.object({
        name: z.string(),
        diagnosis: z.string().meta({ sensitive: true }),
        people: z.array(z.object({ age: z.number(), income: z.number().meta({ sensitive: true }) })),
        extra: z.record(z.string(), z.string().meta({ sensitive: true })),
      }),
    ) as JsonSchema;
    const value = {
      name: 'ann',
      diagnosis: 'flu',
      people: [{ age: 30, income: 5 }],
      extra: { any: 'x' },
    };
    expect(redacted(value, schema)).toEqual({
      name: 'ann',
      diagnosis: '***',
      people: [{ age: 30, income: '***' }],
      extra: { any: '***' },
    });
  });

  it('follows references, alternatives and patterns, and masks what it cannot follow', () => {
    const schema: JsonSchema = {
      properties: {
        tree: { $ref: '#/$defs/tree' },
        choice: { anyOf: [{ type: 'string' }, { properties: { hidden: { sensitive: true } } }] },
        elsewhere: { $ref: 'https://example.com/schema' },
      },
      patternProperties: { '^x_': { sensitive: true } },
      $defs: {
        tree: { properties: { value: { sensitive: true }, children: { items: { $ref: '#/$defs/tree' } } } },
      },
    };
    const value = {
      tree: { value: 1, label: 'a', children: [{ value: 2, children: [] }] },
      choice: { hidden: 1, shown: 2 },
      elsewhere: { a: 1 },
      x_ray: 1,
    };
    expect(redacted(value, schema)).toEqual({
      tree: { value: '***', label: 'a', children: [{ value: '***', children: [] }] },
      choice: { hidden: '***', shown: 2 },
      elsewhere: '***',
      x_ray: '***',
    });
  });

  it('costs nothing where nothing is sensitive', () => {
    expect(SensitiveSchema.of({ type: 'object', properties: { a: { type: 'string' } } })).toBeUndefined();
  });

  it.each([
    ['a long text', { text: 'x'.repeat(100_000) }],
    ['a long list', Array.from({ length: 100_000 }, (_, index) => index)],
    ['many properties', Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`key${index}`, index]))],
    ['many texts', Array.from({ length: 1_000 }, () => 'some text of some length')],
    ['long names', { ['n'.repeat(50_000)]: 1 }],
  ])('keeps about 8 KiB of %s', (_, value) => {
    expect(JSON.stringify(redactor.value(value)).length).toBeLessThan(MAX_RECORDED * 1.5);
  });

  it('takes values that are no JSON', () => {
    const cyclic: Record<string, unknown> = {
      when: new Date(0),
      never: new Date(NaN),
      bytes: new Uint8Array(3),
      big: 1n,
    };
    cyclic['self'] = cyclic;
    expect(redacted(cyclic)).toMatchObject({
      when: '1970-01-01T00:00:00.000Z',
      never: null,
      bytes: '(3 bytes)',
      big: '1',
    });
  });

  it('takes __proto__ for a name like any other', () => {
    const value: unknown = JSON.parse('{"__proto__":{"password":"x"},"a":1}');
    expect(JSON.stringify(redactor.value(value))).toBe('{"__proto__":{"password":"***"},"a":1}');
  });

  it('shows no part of a credential at the end of what it reads', () => {
    const text = `${'word '.repeat(818)}Bearer abcdefghijklmnopqrstuvwxyz`;
    expect(redactor.text(text, 10_000)).not.toContain('abcdef');
  });
});
