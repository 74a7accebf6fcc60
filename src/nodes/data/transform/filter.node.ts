import { z } from 'zod';
import { Node } from '../../model/node.js';
import { WorkflowNode } from '../../model/workflow-node.decorator.js';
import { DataSettings } from '../data.options.js';
import { limitRows, requireColumns, rowsOutput, rowsParameter } from '../rows.js';
import { columnsOfCondition, condition, fulfils } from './conditions.js';

const parameters = z.strictObject({
  data: rowsParameter,
  condition,
});

const output = z.strictObject({ data: rowsOutput, rows: z.int(), removed_rows: z.int() });

/** Keeps the rows that fulfil a condition, and says how many did not. */
@WorkflowNode({
  category: 'transform',
  description: 'Keep the rows that fulfil a condition.',
  parameters,
  output,
  readOnly: true,
  examples: [
    {
      title: 'large ones',
      parameters: { data: [{ n: 1 }, { n: 9 }], condition: { column: 'n', operator: 'greater', value: 5 } },
    },
  ],
})
export class FilterNode extends Node<z.output<typeof parameters>, z.output<typeof output>> {
  constructor(private readonly settings: DataSettings) {
    super();
  }

  override run({ data, condition: wanted }: z.output<typeof parameters>): z.output<typeof output> {
    limitRows(data, this.settings.options.maxRows);
    requireColumns(data, columnsOfCondition(wanted), 'condition');
    const kept = data.filter((row) => fulfils(row, wanted));
    return { data: kept, rows: kept.length, removed_rows: data.length - kept.length };
  }
}
