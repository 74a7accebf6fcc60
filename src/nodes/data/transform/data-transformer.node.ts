import { z } from 'zod';
import { Node } from '../../model/node.js';
import { WorkflowNode } from '../../model/workflow-node.decorator.js';
import { DataSettings } from '../data.options.js';
import { limitRows, rowsOutput, rowsParameter, type Row } from '../rows.js';
import { applied, operation } from './operations.js';

const parameters = z.strictObject({
  data: rowsParameter,
  operations: z.array(operation).min(1).max(100).describe('The steps, first to last.'),
});

const output = z.strictObject({ data: rowsOutput, rows: z.int() });

/** Applies operations to rows, one after the other. */
@WorkflowNode({
  category: 'transform',
  description: 'Change rows step by step: select, rename, cast, compute, filter, sort.',
  parameters,
  output,
  readOnly: true,
  examples: [
    {
      title: 'two steps',
      parameters: {
        data: [{ a: '1', b: 2 }],
        operations: [
          { operation: 'cast', column: 'a', type: 'integer' },
          { operation: 'select', columns: ['a'] },
        ],
      },
    },
  ],
})
export class DataTransformer extends Node<z.output<typeof parameters>, z.output<typeof output>> {
  constructor(private readonly settings: DataSettings) {
    super();
  }

  override run({ data, operations }: z.output<typeof parameters>): z.output<typeof output> {
    limitRows(data, this.settings.options.maxRows);
    const result = operations.reduce<readonly Row[]>(applied, data);
    return { data: [...result], rows: result.length };
  }
}
