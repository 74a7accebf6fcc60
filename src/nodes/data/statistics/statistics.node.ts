import { z } from 'zod';
import { NodeFiles } from '../../model/node-files.js';
import { Node, type NodeContext } from '../../model/node.js';
import { WorkflowNode } from '../../model/workflow-node.decorator.js';
import { DataSettings } from '../data.options.js';
import { DuckDb } from '../duckdb/duck-db.js';
import { limitRows, requireColumns, type Row } from '../rows.js';
import { kindsOf, numbersOf } from './columns.js';
import { describeSource } from './file-statistics.js';
import { describe } from './moments.js';
import { overFile, requireOne, tableInput } from './table-input.js';

const parameters = z.strictObject(tableInput);

const number = z.number().nullable();
const description = z.strictObject({
  count: z.int(),
  missing: z.int().describe('Rows without a number.'),
  mean: number,
  median: number,
  std: number.describe('Of a sample (ddof 1), as in pandas.'),
  min: number,
  max: number,
  skewness: number.describe('As scipy.stats.skew: biased.'),
  kurtosis: number.describe('As scipy.stats.kurtosis: biased, excess.'),
});

const output = z.strictObject({
  statistics: z.record(z.string(), description),
  data_shape: z.array(z.int()).describe('Rows and columns.'),
  numeric_columns: z.array(z.string()),
  categorical_columns: z.array(z.string()),
});

type Output = z.output<typeof output>;

/** Describes columns of numbers with the definitions of the guide's pipeline. What is not defined is null. */
@WorkflowNode({
  category: 'transform',
  description: 'Describe the columns of numbers: mean, median, deviation, skewness, kurtosis.',
  parameters,
  output,
  readOnly: true,
  examples: [{ title: 'rows', parameters: { data: [{ price: 1 }, { price: 2 }, { price: 4 }] } }],
})
export class StatisticsNode extends Node<z.output<typeof parameters>, Output> {
  constructor(
    private readonly files: NodeFiles,
    private readonly duckDb: DuckDb,
    private readonly settings: DataSettings,
  ) {
    super();
  }

  override async run(
    { data, file_path, delimiter, columns = [] }: z.output<typeof parameters>,
    { signal }: NodeContext,
  ): Promise<Output> {
    requireOne('StatisticsNode', data, file_path);
    if (file_path === undefined) return this.#ofRows(data ?? [], columns);
    const { roots } = this.files;
    const read = await overFile({ roots, duckDb: this.duckDb, signal }, { path: file_path, delimiter }, (run, source) =>
      describeSource(run, source, columns),
    );
    requireColumns([Object.fromEntries(read.columns.map(({ name }) => [name, 0]))], columns, 'columns');
    return {
      statistics: { ...read.statistics },
      data_shape: [read.rows, read.columns.length],
      numeric_columns: Object.keys(read.statistics),
      categorical_columns: read.columns.filter(({ type }) => type === 'VARCHAR').map(({ name }) => name),
    };
  }

  #ofRows(data: readonly Row[], columns: readonly string[]): Output {
    limitRows(data, this.settings.options.maxRows);
    requireColumns(data, columns, 'columns');
    const { numeric, categorical, boolean } = kindsOf(data);
    const chosen = numeric.filter((name) => columns.length === 0 || columns.includes(name));
    const statistics = chosen.map((name) => {
      const values = numbersOf(data, name);
      return [name, describe(values, data.length - values.length)] as const;
    });
    return {
      statistics: Object.fromEntries(statistics),
      data_shape: [data.length, numeric.length + categorical.length + boolean.length],
      numeric_columns: [...chosen],
      categorical_columns: [...categorical],
    };
  }
}
