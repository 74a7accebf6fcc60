import { z } from 'zod';
import { ToolError } from '../../../core/index.js';
import { Node } from '../../model/node.js';
import { WorkflowNode } from '../../model/workflow-node.decorator.js';
import { DataSettings } from '../data.options.js';
import { column, columnsOf, isMissing, limitRows, requireColumns, rowsOutput, rowsParameter, valueOf, type Row } from '../rows.js';

const parameters = z.strictObject({
  left: rowsParameter,
  right: rowsParameter,
  on: z
    .array(z.strictObject({ left: column, right: column }))
    .min(1)
    .max(20)
    .describe('Columns whose values must be the same.'),
  how: z.enum(['inner', 'left', 'right', 'full']).default('inner').describe('Which rows without a partner stay.'),
  suffix: z.string().min(1).max(50).default('_right').describe('What columns of the right get that the left has too.'),
});

const output = z.strictObject({ data: rowsOutput, rows: z.int() });

type Parameters = z.output<typeof parameters>;

/** Joins two tables as SQL does: missing values have no partner. Tables in files are joined by SQLDatabaseNode (`duckdb`). */
@WorkflowNode({
  category: 'transform',
  description: 'Join two tables by columns with the same values.',
  parameters,
  output,
  readOnly: true,
  examples: [
    {
      title: 'names for ids',
      parameters: {
        left: [{ id: 1, amount: 3 }],
        right: [{ id: 1, name: 'Ada' }],
        on: [{ left: 'id', right: 'id' }],
      },
    },
  ],
})
export class JoinNode extends Node<Parameters, z.output<typeof output>> {
  constructor(private readonly settings: DataSettings) {
    super();
  }

  override run({ left, right, on, how, suffix }: Parameters): z.output<typeof output> {
    const { maxRows } = this.settings.options;
    limitRows(left, maxRows, 'left');
    limitRows(right, maxRows, 'right');
    const [leftKeys, rightKeys] = [on.map((one) => one.left), on.map((one) => one.right)];
    requireColumns(left, leftKeys, 'on');
    requireColumns(right, rightKeys, 'on');
    const merge = merging(left, right, on, suffix);
    const partners = new Map<string, number[]>();
    for (const [index, row] of right.entries()) {
      const key = keyOf(row, rightKeys);
      if (key === undefined) continue;
      const known = partners.get(key);
      if (known === undefined) partners.set(key, [index]);
      else known.push(index);
    }
    const used = new Set<number>();
    const data: Row[] = [];
    const add = (one: Row | undefined, other: Row | undefined): void => {
      if (data.length >= maxRows) throw new ToolError(`The join has more than ${maxRows} rows (nodes.data.maxRows); filter the tables first.`);
      data.push(merge(one, other));
    };
    for (const row of left) {
      const key = keyOf(row, leftKeys);
      const found = key === undefined ? undefined : partners.get(key);
      if (found === undefined && (how === 'left' || how === 'full')) add(row, undefined);
      for (const index of found ?? []) {
        used.add(index);
        add(row, right[index]);
      }
    }
    if (how === 'right' || how === 'full') {
      for (const [index, row] of right.entries()) if (!used.has(index)) add(undefined, row);
    }
    return { data, rows: data.length };
  }
}

function keyOf(row: Row, names: readonly string[]): string | undefined {
  const values = names.map((name) => valueOf(row, name));
  return values.some(isMissing) ? undefined : JSON.stringify(values);
}

/** A row of two; columns that are joined by one name stand once. */
function merging(
  left: readonly Row[],
  right: readonly Row[],
  on: Parameters['on'],
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
  return (one, other) => ({
    ...Object.fromEntries(ours.map((name) => [name, one === undefined ? null : (valueOf(one, name) ?? null)])),
    ...Object.fromEntries(
      theirs
        .filter(({ as }) => one === undefined || !shared.has(as))
        .map(({ name, as }) => [as, other === undefined ? null : (valueOf(other, name) ?? null)]),
    ),
  });
}
