import { columnsOf, isMissing, valueOf, type Row } from '../rows.js';

/** The columns whose values must be the same, in pairs. */
export type JoinColumns = readonly { readonly left: string; readonly right: string }[];

/**
 * What a row is joined by: rows have the same text exactly where all their values are the same JSON, so that `1` is not
 * `"1"`; null where a value is missing, as such a row has no partner.
 */
export function joinKey(row: Row, columns: readonly string[]): string | null {
  const values = columns.map((name) => valueOf(row, name));
  return values.some(isMissing) ? null : JSON.stringify(values);
}

/**
 * How a row of the left and one of the right become one: all columns of both tables, null where there is nothing.
 * Columns that are joined by one name stand once; others that both tables have get the suffix on the right.
 */
export function merging(
  left: readonly Row[],
  right: readonly Row[],
  on: JoinColumns,
  suffix: string,
): (one: Row | undefined, other: Row | undefined) => Row {
  const ours = columnsOf(left);
  const shared = new Set(on.filter((pair) => pair.left === pair.right).map((pair) => pair.left));
  const taken = new Set(ours);
  const theirs = columnsOf(right).map((name) => {
    if (shared.has(name)) return { name, as: name };
    let as = name;
    while (taken.has(as)) as += suffix;
    taken.add(as);
    return { name, as };
  });
  const beside = theirs.filter(({ as }) => !shared.has(as));
  return (one, other) => ({
    ...Object.fromEntries(ours.map((name) => [name, one === undefined ? null : (valueOf(one, name) ?? null)])),
    ...Object.fromEntries(
      (one === undefined ? theirs : beside).map(({ name, as }) => [
        as,
        other === undefined ? null : (valueOf(other, name) ?? null),
      ]),
    ),
  });
}
