import fc from 'fast-check';

/** Texts that have broken parsers, headers, paths, prototypes and logs before. */
const HOSTILE_TEXTS: readonly string[] = [
  '',
  ' ',
  '\0',
  '\n',
  '\r\n\r\n',
  '\u2028',
  '\uFEFF',
  '\uD800',
  '\u{1F600}',
  'ä',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
  '../../etc/passwd',
  '%2e%2e%2f',
  '%',
  '%00',
  '{id}',
  '${jndi:ldap://x}',
  '=?base64?SGVsbG8=?=',
  '=?base64?SGVsbG8?=',
  'data: x\n\nevent: message',
  '1',
  'null',
  '-32603',
  'x'.repeat(300),
  'y'.repeat(20_000),
];

/** Numbers at the edges of what JSON, integers and ids can hold. */
const EDGE_NUMBERS: readonly number[] = [
  0,
  -0,
  1,
  -1,
  0.5,
  50,
  51,
  2 ** 31,
  2 ** 53 - 1,
  2 ** 53,
  -(2 ** 53),
  1e21,
  1e308,
  5e-324,
];

/** Stands for a value that is nested so deeply that no generator should hold it; see {@link spelled}. */
export interface Deep {
  readonly $deep: number;
  readonly of: 'array' | 'object';
}

/** Short texts, hostile ones among them. */
export const texts: fc.Arbitrary<string> = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...HOSTILE_TEXTS) },
  { weight: 3, arbitrary: fc.string({ maxLength: 12 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
);

/** Numbers, those at the edges among them. */
export const numbers: fc.Arbitrary<number> = fc.oneof(
  fc.constantFrom(...EDGE_NUMBERS),
  fc.integer({ min: -100, max: 100 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);

/** Values without members. */
export const scalars: fc.Arbitrary<unknown> = fc.oneof(texts, numbers, fc.boolean(), fc.constant(null));

/** Any JSON value, small. */
export const values: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'json' },
    { weight: 6, arbitrary: scalars },
    { weight: 1, arbitrary: fc.array(tie('value'), { maxLength: 3, depthIdentifier: 'json' }) },
    { weight: 1, arbitrary: fc.dictionary(texts, tie('value'), { maxKeys: 3, depthIdentifier: 'json' }) },
  ),
})).value;

/** Values nested deeper than recursion goes. */
export const deep: fc.Arbitrary<Deep> = fc.record({
  $deep: fc.constantFrom(100, 400, 600, 2_000),
  of: fc.constantFrom('array', 'object'),
});

/** Serialises, with each {@link Deep} written out, that many times as deep. */
export function spelled(value: unknown, deeper = 1): string {
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) return 'null';
  return text.replaceAll(/\{"\$deep":(\d+),"of":"(array|object)"\}/g, (_all, depth: string, of: string) => {
    const [open, close] = of === 'array' ? ['[', ']'] : ['{"a":', '}'];
    const levels = Number(depth) * deeper;
    return `${open.repeat(levels)}0${close.repeat(levels)}`;
  });
}
