import { z } from 'zod';
import { Node } from '../../model/node.js';
import { WorkflowNode } from '../../model/workflow-node.decorator.js';
import { DataSettings } from '../data.options.js';
import { limitRows, requireColumns, rowsOutput, rowsParameter } from '../rows.js';
import { ordered, ordering } from './ordering.js';

const parameters = z.strictObject({
  data: rowsParameter,
  by: ordering,
});

const output = z.strictObject({ data: rowsOutput, rows: z.int() });

/** Sorts rows; equal ones stay in their order, missing values come last. */
@WorkflowNode({
  category: 'transform',
  description: 'Sort rows by columns.',
  parameters,
  output,
  readOnly: true,
  examples: [
    {
      title: 'by a number',
      parameters: { data: [{ n: 2 }, { n: 1 }], by: [{ column: 'n', direction: 'descending' }] },
    },
  ],
})
export class SortNode extends Node<z.output<typeof parameters>, z.output<typeof output>> {
  constructor(private readonly settings: DataSettings) {
    super();
  }

  override run({ data, by }: z.output<typeof parameters>): z.output<typeof output> {
    limitRows(data, this.settings.options.maxRows);
    requireColumns(
      data,
      by.map(({ column }) => column),
      'by',
    );
    return { data: ordered(data, by), rows: data.length };
  }
}
