import fc from 'fast-check';

/** What a server mints and a client brings back. */
export type HandleKind = 'cursor' | 'requestState' | 'taskId' | 'sessionId' | 'eventId';

/** What is done to a handle before it is used. */
export type Tamper = 'none' | 'flip' | 'cut' | 'append' | 'junk' | 'case' | 'empty' | 'huge' | 'number';

/** Stands for a handle that will be known when the message is sent. */
export interface HandleRef {
  readonly $handle: HandleKind | 'requestId' | 'token';
  /** Which of those that are known. */
  readonly pick: number;
  readonly tamper: Tamper;
}

const TAMPERS: readonly Tamper[] = ['flip', 'cut', 'append', 'junk', 'case', 'empty', 'huge', 'number'];

/** Ways to tamper, leaving it alone among them. */
export const tampers: fc.Arbitrary<Tamper> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Tamper>('none') },
  { weight: 1, arbitrary: fc.constantFrom(...TAMPERS) },
);

/** Ways to tamper that change something. */
export const realTampers: fc.Arbitrary<Tamper> = fc.constantFrom(...TAMPERS);

/** A handle of a kind; now and then one of another kind in its place. */
export function handles(kind: HandleRef['$handle']): fc.Arbitrary<HandleRef> {
  const others: readonly HandleRef['$handle'][] = ['cursor', 'requestState', 'taskId', 'sessionId', 'eventId'];
  return fc.record({
    $handle: fc.oneof(
      { weight: 12, arbitrary: fc.constant(kind) },
      { weight: 1, arbitrary: fc.constantFrom(...others) },
    ),
    pick: fc.nat(31),
    tamper: tampers,
  });
}

/** A handle with something done to it. Whatever is done, it is another text, or none. */
export function tampered(handle: string, how: Tamper, pick = 0): unknown {
  const at = handle.length === 0 ? 0 : pick % handle.length;
  switch (how) {
    case 'none':
      return handle;
    case 'flip':
      return `${handle.slice(0, at)}${handle[at] === 'A' ? 'B' : 'A'}${handle.slice(at + 1)}`;
    case 'cut':
      return handle.slice(0, at);
    case 'append':
      return `${handle}A`;
    case 'junk':
      return `${handle}${['=', '.', ' ', '\n', '!', '.junk', '\0'][pick % 7]}`;
    case 'case':
      return inverted(handle);
    case 'empty':
      return '';
    case 'huge':
      return handle.repeat(500);
    default:
      return pick;
  }
}

function inverted(text: string): string {
  const swapped = Array.from(text, (letter) =>
    letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase(),
  );
  const result = swapped.join('');
  return result === text ? `${text}x` : result;
}
