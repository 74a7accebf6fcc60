/** What has to be known of a statement before it runs, whatever the dialect. */
export interface Statement {
  readonly sql: string;
  /** Its first word, in capitals. */
  readonly keyword: string;
  /** Whether it changes data or schema. */
  readonly writes: boolean;
  /** Whether it gives rows of what it changes. */
  readonly returning: boolean;
  /** Where its `?` stand. */
  readonly marks: readonly number[];
}

const WRITING = new Set(['INSERT', 'UPDATE', 'DELETE', 'REPLACE', 'MERGE', 'CREATE', 'DROP', 'ALTER', 'REINDEX']);
const TRANSACTIONAL = new Set(['BEGIN', 'START', 'COMMIT', 'END', 'ROLLBACK', 'ABORT', 'SAVEPOINT', 'RELEASE']);

/**
 * Reads a statement of either dialect. A `?` in a literal, a quoted name or a comment is no parameter; PostgreSQL's
 * operators with `?` have functions of other names (`jsonb_exists`).
 *
 * @throws Error when there is more than one statement, or one that belongs to `transaction()`: the drivers differ on
 * both, and one of them says nothing.
 */
export function readStatement(sql: string): Statement {
  const { bare, marks } = withoutQuotes(sql);
  const keyword = (/[A-Za-z]+/.exec(bare)?.[0] ?? '').toUpperCase();
  if (keyword === '') throw new Error('The statement is empty: expected one SQL statement.');
  if (TRANSACTIONAL.has(keyword)) {
    throw new Error(`${keyword} is not executed as a statement: use transaction(work) of the database.`);
  }
  // Triggers have statements in them.
  if (keyword !== 'CREATE' && /;\s*\S/.test(bare)) {
    throw new Error('More than one statement was given: execute them one by one, in transaction(work).');
  }
  const writes = WRITING.has(keyword) || (keyword === 'WITH' && /\b(INSERT|UPDATE|DELETE|MERGE)\b/i.test(bare));
  return { sql, keyword, writes, returning: writes && /\bRETURNING\b/i.test(bare), marks };
}

/** Keeps what was read of the statements used last, as programs have few and use them often. */
export class Statements {
  readonly #known = new Map<string, Statement>();

  constructor(private readonly limit = 500) {}

  read(sql: string): Statement {
    const statement = this.#known.get(sql) ?? readStatement(sql);
    // The map is in the order of the latest use.
    this.#known.delete(sql);
    this.#known.set(sql, statement);
    const [oldest] = this.#known.keys();
    if (oldest !== undefined && this.#known.size > this.limit) this.#known.delete(oldest);
    return statement;
  }
}

/** What opens something in which `?` and words mean nothing. An `e'` is one only where no name ends in it. */
const OPENING =
  /\?|(?<![\w$\u0080-\uffff])[eE]'|'|"|--|\/\*|(?<![\w$\u0080-\uffff])\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/g;

/** The statement with literals, quoted names and comments blanked, and where its parameters are. */
function withoutQuotes(sql: string): { readonly bare: string; readonly marks: readonly number[] } {
  const marks: number[] = [];
  let bare = '';
  let position = 0;
  OPENING.lastIndex = 0;
  for (let found = OPENING.exec(sql); found !== null; found = OPENING.exec(sql)) {
    const [opening] = found;
    bare += sql.slice(position, found.index);
    if (opening === '?') marks.push(found.index);
    position = opening === '?' ? found.index + 1 : endOf(sql, found.index + opening.length, opening);
    bare += opening === '?' ? '?' : ' ';
    OPENING.lastIndex = position;
  }
  return { bare: bare + sql.slice(position), marks };
}

const CLOSING: Readonly<Record<string, RegExp>> = {
  "'": /(?:[^']|'')*'/y,
  '"': /(?:[^"]|"")*"/y,
  // A literal goes on after a line break, and keeps its escapes.
  "e'": /(?:[^'\\]|''|\\[\s\S])*'(?:\s*[\n\r]\s*'(?:[^'\\]|''|\\[\s\S])*')*/y,
  '--': /[^\n\r]*/y,
};

/** Where what was opened is over; the end of the text when it never is. */
function endOf(sql: string, start: number, opening: string): number {
  if (opening === '/*') return endOfComment(sql, start);
  const pattern = CLOSING[opening.toLowerCase()];
  if (pattern === undefined) return after(sql, sql.indexOf(opening, start), opening.length);
  const closing = new RegExp(pattern);
  closing.lastIndex = start;
  return closing.test(sql) ? closing.lastIndex : sql.length;
}

/** Comments may stand in comments (PostgreSQL). */
function endOfComment(sql: string, start: number): number {
  const edge = /\/\*|\*\//g;
  edge.lastIndex = start;
  let depth = 1;
  for (let found = edge.exec(sql); found !== null; found = edge.exec(sql)) {
    depth += found[0] === '/*' ? 1 : -1;
    if (depth === 0) return edge.lastIndex;
  }
  return sql.length;
}

function after(sql: string, index: number, length: number): number {
  return index === -1 ? sql.length : index + length;
}
