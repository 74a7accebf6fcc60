/** What the values of a column are. Dates and times stay the text that they are. */
export type ColumnType = 'boolean' | 'integer' | 'number' | 'date' | 'timestamp' | 'text' | 'empty';

const INTEGER = /^[+-]?(?:0|[1-9]\d*)$/;
const NUMBER = /^[+-]?(?:(?:0|[1-9]\d*)(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const DATE = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/;
const TIMESTAMP =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d(?::?\d\d)?)?$/;

/**
 * The narrowest type that every text of a column has, `null` (nothing) aside. Nothing is lost by it: a number with a
 * leading zero is a code and stays text, and so does a column with an integer beyond 2^53.
 */
export class TypeInference {
  #type: ColumnType = 'empty';

  get type(): ColumnType {
    return this.#type;
  }

  add(text: string | null): void {
    if (text === null || this.#type === 'text') return;
    this.#type = joined(this.#type, typeOf(text));
  }
}

function typeOf(text: string): ColumnType {
  if (text.length > 40 || text === '') return 'text';
  const first = text.charCodeAt(0);
  // Most texts are told from the first character.
  if (first > 57) return /^(?:true|false)$/i.test(text) ? 'boolean' : 'text';
  if (INTEGER.test(text)) return Number.isSafeInteger(Number(text)) ? 'integer' : 'text';
  if (NUMBER.test(text)) return Number.isFinite(Number(text)) ? 'number' : 'text';
  if (DATE.test(text)) return 'date';
  return TIMESTAMP.test(text) ? 'timestamp' : 'text';
}

function joined(one: ColumnType, other: ColumnType): ColumnType {
  if (one === other || one === 'empty') return other;
  if ((one === 'integer' && other === 'number') || (one === 'number' && other === 'integer')) return 'number';
  if ((one === 'date' && other === 'timestamp') || (one === 'timestamp' && other === 'date')) return 'timestamp';
  return 'text';
}

/** A text as what its column is. */
export function typed(text: string | null, type: ColumnType): string | number | boolean | null {
  if (text === null) return null;
  switch (type) {
    case 'integer':
    case 'number':
      return Number(text);
    case 'boolean':
      return text.length === 4;
    default:
      return text;
  }
}
