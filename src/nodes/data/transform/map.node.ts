import { z } from 'zod';
import { Node } from '../../model/node.js';
import { WorkflowNode } from '../../model/workflow-node.decorator.js';
import { DataSettings } from '../data.options.js';
import { column, limitRows, requireColumns, rowsOutput, rowsParameter } from '../rows.js';
import { columnsOfComputation, computation, computed } from './operations.js';

const parameters = z.strictObject({
  data: rowsParameter,
  fields: z.record(column, computation).describe('New columns, and what they are computed from.'),
  keep: z.boolean().default(false).describe('Whether the other columns stay.'),
});

const output = z.strictObject({ data: rowsOutput, rows: z.int() });

/** Makes a row of each row: the columns that are named, and with `keep` the others too. */
@WorkflowNode({
  category: 'transform',
  description: 'Make a new row of each row: columns copied, computed or constant.',
  parameters,
  output,
  readOnly: true,
  examples: [
    {
      title: 'a sum',
      parameters: {
        data: [{ a: 1, b: 2 }],
        fields: { sum: { function: 'add', arguments: [{ column: 'a' }, { column: 'b' }] } },
      },
    },
  ],
})
export class MapNode extends Node<z.output<typeof parameters>, z.output<typeof output>> {
  constructor(private readonly settings: DataSettings) {
    super();
  }

  override run({ data, fields, keep }: z.output<typeof parameters>): z.output<typeof output> {
    limitRows(data, this.settings.options.maxRows);
    const entries = Object.entries(fields);
    requireColumns(
      data,
      entries.flatMap(([, from]) => columnsOfComputation(from)),
      'fields',
    );
    const mapped = data.map((row, index) => ({
      ...(keep ? row : {}),
      ...Object.fromEntries(entries.map(([name, from]) => [name, computed(row, from, index)])),
    }));
    return { data: mapped, rows: mapped.length };
  }
}
