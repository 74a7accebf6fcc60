import { z } from 'zod';
import { ToolError } from '../../../core/index.js';
import { Node, type NodeContext } from '../../model/node.js';
import { WorkflowNode } from '../../model/workflow-node.decorator.js';
import { DataSettings } from '../data.options.js';
import { DuckDb } from '../duckdb/duck-db.js';
import { explainNoMemory } from '../duckdb/temporary-table.js';
import { column, limitRows, requireColumns, rowsOutput, rowsParameter, type Row } from '../rows.js';
import { joinPairs, type JoinPlan } from './join-pairs.js';
import { merging } from './join-rows.js';

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
type Output = z.output<typeof output>;

/**
 * Joins two tables as SQL does, by DuckDB: missing values have no partner. Rows come in the order of the left table, those
 * without a partner of the right last. Tables in files are joined by SQLDatabaseNode (`duckdb`).
 */
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
export class JoinNode extends Node<Parameters, Output> {
  constructor(
    private readonly duckDb: DuckDb,
    private readonly settings: DataSettings,
  ) {
    super();
  }

  override async run({ left, right, on, how, suffix }: Parameters, { signal }: NodeContext): Promise<Output> {
    const { maxRows } = this.settings.options;
    limitRows(left, maxRows, 'left');
    limitRows(right, maxRows, 'right');
    const [leftKeys, rightKeys] = [on.map((one) => one.left), on.map((one) => one.right)];
    requireColumns(left, leftKeys, 'on');
    requireColumns(right, rightKeys, 'on');
    const merge = merging(left, right, on, suffix);
    const plan: JoinPlan = {
      left: { rows: left, columns: leftKeys },
      right: { rows: right, columns: rightKeys },
      how,
      limit: maxRows + 1,
    };
    try {
      return await this.duckDb.run(signal, async (run) => {
        const data: Row[] = [];
        for await (const pairs of joinPairs(run, plan)) {
          if (data.length + pairs.length > maxRows) throw tooManyRows(maxRows);
          for (const [one, other] of pairs) data.push(merge(rowAt(left, one), rowAt(right, other)));
        }
        return { data, rows: data.length };
      });
    } catch (error) {
      throw explainNoMemory(error, 'join', 'join fewer rows, or by shorter values');
    }
  }
}

function rowAt(rows: readonly Row[], position: number | undefined): Row | undefined {
  return position === undefined ? undefined : rows[position];
}

function tooManyRows(maxRows: number): ToolError {
  return new ToolError(`The join has more than ${maxRows} rows (nodes.data.maxRows); filter the tables first.`);
}
