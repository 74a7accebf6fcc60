import type { Statement } from '../sql/statement.js';

/** Writes PostgreSQL's `$1, $2, …` where a statement has `?`, once for every statement. */
export class Placeholders {
  readonly #written = new WeakMap<Statement, string>();

  of(statement: Statement): string {
    const known = this.#written.get(statement);
    if (known !== undefined) return known;
    const written = numbered(statement);
    this.#written.set(statement, written);
    return written;
  }
}

function numbered({ sql, marks }: Statement): string {
  let text = '';
  let position = 0;
  for (const [index, mark] of marks.entries()) {
    text += `${sql.slice(position, mark)}$${index + 1}`;
    position = mark + 1;
  }
  return text + sql.slice(position);
}
