import { z } from 'zod';
import { InvalidArgumentsError } from '../../../core/index.js';
import { NodeFiles } from '../../model/node-files.js';
import { Node, type NodeContext } from '../../model/node.js';
import { WorkflowNode } from '../../model/workflow-node.decorator.js';
import { filePath } from '../csv/csv-parameters.js';
import { DataSettings } from '../data.options.js';
import { DuckDb, quoted } from '../duckdb/duck-db.js';
import { readRows } from '../duckdb/read-rows.js';
import { explainNoMemory } from '../duckdb/temporary-table.js';
import { column, limitRows, requireColumns, rowsOutput, rowsParameter } from '../rows.js';
import { fileDelimiter, overFile, requireOne } from '../statistics/table-input.js';
import { aggregateRows, type AggregationPlan } from './aggregate-rows.js';
import { aggregationSql, aggregations, resultName, type Aggregation } from './aggregation.js';

const parameters = z.strictObject({
  data: rowsParameter.optional(),
  file_path: filePath.optional().describe('A .csv, .parquet, .json or .jsonl file instead of `data`, of any size.'),
  delimiter: fileDelimiter,
  group_by: z.array(column).max(20).default([]).describe('Columns whose values make a group; none: all rows are one.'),
  aggregations,
});

const output = z.strictObject({ data: rowsOutput, rows: z.int(), truncated: z.boolean() });

type Parameters = z.output<typeof parameters>;
type Output = z.output<typeof output>;

/**
 * Computes of groups of rows, by DuckDB. Groups of rows in memory come in the order of their first row, those of files in
 * the order of their values. `min` and `max` of rows in memory with values of several kinds are found in JavaScript, see
 * `aggregateRows`.
 */
@WorkflowNode({
  category: 'transform',
  description: 'Group rows and compute counts, sums, means and more of each group.',
  parameters,
  output,
  readOnly: true,
  examples: [
    {
      title: 'sums by region',
      parameters: {
        data: [
          { region: 'north', amount: 3 },
          { region: 'north', amount: 4 },
        ],
        group_by: ['region'],
        aggregations: [{ function: 'sum', column: 'amount' }],
      },
    },
  ],
})
export class AggregateNode extends Node<Parameters, Output> {
  constructor(
    private readonly files: NodeFiles,
    private readonly duckDb: DuckDb,
    private readonly settings: DataSettings,
  ) {
    super();
  }

  override async run(
    { data, file_path, delimiter, group_by, aggregations: wanted }: Parameters,
    { signal }: NodeContext,
  ): Promise<Output> {
    requireOne('AggregateNode', data, file_path);
    requireNames(group_by, wanted);
    if (file_path === undefined) return await this.#ofRows({ rows: data ?? [], groupBy: group_by, wanted }, signal);
    const { roots } = this.files;
    const { maxRows, maxBytes } = this.settings.options;
    return await overFile(
      { roots, duckDb: this.duckDb, signal },
      { path: file_path, delimiter },
      async (run, source) => {
        const described = await run.connection.runAndReadAll(`DESCRIBE SELECT * FROM ${source}`);
        requireColumns(
          [Object.fromEntries(described.getRows().map(([name]) => [String(name), 0]))],
          namesOf(group_by, wanted),
          'columns',
        );
        const groups = group_by.map(quoted);
        const order = groups.length === 0 ? '' : ` GROUP BY ${groups.join(', ')} ORDER BY ${groups.join(', ')}`;
        const sql = `SELECT ${[...groups, ...wanted.map(aggregationSql)].join(', ')} FROM ${source}${order} LIMIT ${maxRows + 1}`;
        const {
          data: rows,
          rows: count,
          truncated,
        } = await readRows(run, await run.connection.stream(sql), { maxRows, maxBytes });
        return { data: rows, rows: count, truncated };
      },
    );
  }

  async #ofRows(plan: AggregationPlan, signal: AbortSignal): Promise<Output> {
    limitRows(plan.rows, this.settings.options.maxRows);
    requireColumns(plan.rows, namesOf(plan.groupBy, plan.wanted), 'columns');
    try {
      const data = await this.duckDb.run(signal, async (run) => await aggregateRows(run, plan));
      return { data, rows: data.length, truncated: false };
    } catch (error) {
      throw explainNoMemory(error, 'aggregation', 'aggregate fewer rows, or shorter values');
    }
  }
}

function namesOf(groupBy: readonly string[], wanted: readonly Aggregation[]): readonly string[] {
  return [...groupBy, ...wanted.flatMap(({ column: of }) => (of === undefined ? [] : [of]))];
}

/** @throws InvalidArgumentsError when two results have one name, or a function lacks its column */
function requireNames(groupBy: readonly string[], wanted: readonly Aggregation[]): void {
  const names = [...groupBy, ...wanted.map(resultName)];
  const faults = wanted
    .filter(({ function: name, column: of }) => of === undefined && name !== 'count')
    .map(({ function: name }) => ({ path: 'aggregations', message: `${name} needs a column` }));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    faults.push({ path: 'aggregations', message: `"${twice.slice(0, 64)}" is there twice; name one with \`as\`` });
  if (faults.length > 0) throw new InvalidArgumentsError(faults, 'parameters of AggregateNode');
}
