/** A header that could not be the name of a column, and the name that it was given. */
export interface RenamedColumn {
  /** The first is 1. */
  readonly position: number;
  readonly header: string;
  readonly name: string;
}

/** Names of columns, each once. */
export interface ColumnNames {
  readonly names: readonly string[];
  readonly renamed: readonly RenamedColumn[];
}

/**
 * Names for the headers of a file: empty ones and `__proto__` (which JavaScript does not take for the name of a value)
 * become `column_<position>`, and one that was there before gets a number: `price`, `price_2`.
 */
export function columnNames(headers: readonly (string | null)[]): ColumnNames {
  const taken = new Set<string>();
  const written = new Set(headers);
  const renamed: RenamedColumn[] = [];
  const names = headers.map((header, index) => {
    const text = header ?? '';
    const usable = text.trim() !== '' && text !== '__proto__';
    const base = usable ? text : `column_${index + 1}`;
    let name = base;
    for (let count = 2; taken.has(name) || (name !== text && written.has(name)); count++) name = `${base}_${count}`;
    taken.add(name);
    if (name !== text) renamed.push({ position: index + 1, header: text.slice(0, 100), name });
    return name;
  });
  return { names, renamed };
}
