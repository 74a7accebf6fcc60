import { z } from 'zod';
import { InvalidArgumentsError } from '../../../core/index.js';
import { NodeFiles } from '../../model/node-files.js';
import { Node, type NodeContext } from '../../model/node.js';
import { WorkflowNode } from '../../model/workflow-node.decorator.js';
import { filePath } from '../csv/csv-parameters.js';
import { DataSettings } from '../data.options.js';
import { DuckDb, quoted } from '../duckdb/duck-db.js';
import { readRows } from '../duckdb/read-rows.js';
import { column, limitRows, requireColumns, rowsOutput, rowsParameter, valueOf, type Row } from '../rows.js';
import { fileDelimiter, overFile, requireOne } from '../statistics/table-input.js';
import { aggregated, aggregationSql, aggregations, resultName, type Aggregation } from './aggregation.js';

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

/** Computes of groups of rows; of rows in memory here, of files by DuckDB. Groups come in the order of their first row, of files in that of their values. */
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
        data: [{ region: 'north', amount: 3 }, { region: 'north', amount: 4 }],
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

  override async run({ data, file_path, delimiter, group_by, aggregations: wanted }: Parameters, { signal }: NodeContext): Promise<Output> {
    requireOne('AggregateNode', data, file_path);
    requireNames(group_by, wanted);
    if (file_path === undefined) return this.#ofRows(data ?? [], group_by, wanted);
    const { roots } = this.files;
    const { maxRows, maxBytes } = this.settings.options;
    return await overFile({ roots, duckDb: this.duckDb, signal }, { path: file_path, delimiter }, async (run, source) => {
      const described = await run.connection.runAndReadAll(`DESCRIBE SELECT * FROM ${source}`);
      requireColumns([Object.fromEntries(described.getRows().map(([name]) => [String(name), 0]))], namesOf(group_by, wanted), 'columns');
      const groups = group_by.map(quoted);
      const order = groups.length === 0 ? '' : ` GROUP BY ${groups.join(', ')} ORDER BY ${groups.join(', ')}`;
      const sql = `SELECT ${[...groups, ...wanted.map(aggregationSql)].join(', ')} FROM ${source}${order} LIMIT ${maxRows + 1}`;
      const { data: rows, rows: count, truncated } = await readRows(run, await run.connection.stream(sql), { maxRows, maxBytes });
      return { data: rows, rows: count, truncated };
    });
  }

  #ofRows(data: readonly Row[], groupBy: readonly string[], wanted: readonly Aggregation[]): Output {
    limitRows(data, this.settings.options.maxRows);
    requireColumns(data, namesOf(groupBy, wanted), 'columns');
    const groups = new Map<string, Row[]>(groupBy.length === 0 ? [['[]', []]] : []);
    for (const row of data) {
      const key = JSON.stringify(groupBy.map((name) => valueOf(row, name) ?? null));
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [row]);
      else group.push(row);
    }
    const rows = [...groups.values()].map((group) => ({
      ...Object.fromEntries(groupBy.map((name) => [name, valueOf(group[0] ?? {}, name) ?? null])),
      ...Object.fromEntries(wanted.map((one) => [resultName(one), aggregated(group, one)])),
    }));
    return { data: rows, rows: rows.length, truncated: false };
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
  if (twice !== undefined) faults.push({ path: 'aggregations', message: `"${twice.slice(0, 64)}" is there twice; name one with \`as\`` });
  if (faults.length > 0) throw new InvalidArgumentsError(faults, 'parameters of AggregateNode');
}
