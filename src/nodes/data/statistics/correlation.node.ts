import { z } from 'zod';
import { NodeFiles } from '../../model/node-files.js';
import { Node, type NodeContext } from '../../model/node.js';
import { WorkflowNode } from '../../model/workflow-node.decorator.js';
import { DataSettings } from '../data.options.js';
import { DuckDb } from '../duckdb/duck-db.js';
import { limitRows, requireColumns, valueOf, type Row } from '../rows.js';
import { kindsOf } from './columns.js';
import { columnsOfSource, correlateSource } from './file-statistics.js';
import { pearson } from './moments.js';
import { overFile, requireOne, tableInput } from './table-input.js';
import { ToolError } from '../../../core/index.js';

const parameters = z.strictObject({
  ...tableInput,
  threshold: z.number().min(0).max(1).default(0.7).describe('Above which size a correlation is called strong.'),
});

const output = z.strictObject({
  correlation_matrix: z.record(z.string(), z.record(z.string(), z.number().nullable())),
  strong_correlations: z.array(z.strictObject({ var1: z.string(), var2: z.string(), correlation: z.number() })),
  correlation_summary: z
    .strictObject({ total_pairs: z.int(), strong_correlations_count: z.int() })
    .describe('Counts of pairs and of the strong ones.'),
  message: z.string().optional(),
});

type Output = z.output<typeof output>;

/** More make more pairs than anybody reads. */
const MOST_COLUMNS = 100;

/** Pearson's correlations of all columns of numbers, each over the rows that have both values, as pandas' `corr`. */
@WorkflowNode({
  category: 'transform',
  description: 'Correlate the columns of numbers with each other (Pearson).',
  parameters,
  output,
  readOnly: true,
  examples: [
    {
      title: 'rows',
      parameters: {
        data: [
          { a: 1, b: 2 },
          { a: 2, b: 4.1 },
          { a: 3, b: 5.9 },
        ],
      },
    },
  ],
})
export class CorrelationNode extends Node<z.output<typeof parameters>, Output> {
  constructor(
    private readonly files: NodeFiles,
    private readonly duckDb: DuckDb,
    private readonly settings: DataSettings,
  ) {
    super();
  }

  override async run(
    { data, file_path, delimiter, columns, threshold }: z.output<typeof parameters>,
    { signal }: NodeContext,
  ): Promise<Output> {
    requireOne('CorrelationNode', data, file_path);
    const rows: readonly Row[] = data ?? [];
    if (file_path === undefined) {
      limitRows(rows, this.settings.options.maxRows);
      requireColumns(rows, columns ?? [], 'columns');
      const names = chosen(kindsOf(rows).numeric, columns);
      return summary(names, (one, other) => pearson(pairsOf(rows, one, other)), threshold);
    }
    const { roots } = this.files;
    return await overFile(
      { roots, duckDb: this.duckDb, signal },
      { path: file_path, delimiter },
      async (run, source) => {
        const known = await columnsOfSource(run, source);
        requireColumns([Object.fromEntries(known.map(({ name }) => [name, 0]))], columns ?? [], 'columns');
        const names = chosen(
          known.filter(({ isNumeric }) => isNumeric).map(({ name }) => name),
          columns,
        );
        return summary(names, await correlateSource(run, source, names), threshold);
      },
    );
  }
}

function chosen(numeric: readonly string[], columns: readonly string[] | undefined): readonly string[] {
  const names = columns === undefined ? numeric : numeric.filter((name) => columns.includes(name));
  if (names.length > MOST_COLUMNS)
    throw new ToolError(`At most ${MOST_COLUMNS} columns are correlated; name them in columns.`);
  return names;
}

function pairsOf(rows: readonly Row[], one: string, other: string): (readonly [number, number])[] {
  return rows.flatMap((row) => {
    const [x, y] = [valueOf(row, one), valueOf(row, other)];
    return Number.isFinite(x) && Number.isFinite(y) ? [[x as number, y as number] as const] : [];
  });
}

function summary(
  names: readonly string[],
  of: (one: string, other: string) => number | null,
  threshold: number,
): Output {
  const total_pairs = (names.length * (names.length - 1)) / 2;
  if (names.length < 2) {
    return {
      correlation_matrix: {},
      strong_correlations: [],
      correlation_summary: { total_pairs, strong_correlations_count: 0 },
      message: 'Insufficient numeric columns for correlation analysis',
    };
  }
  // A column that does not vary is not even correlated with itself.
  const itself = (name: string): number | null => (of(name, name) === null ? null : 1);
  const matrix = new Map(names.map((name) => [name, new Map([[name, itself(name)]])]));
  const strong: { var1: string; var2: string; correlation: number }[] = [];
  for (const [index, one] of names.entries()) {
    for (const other of names.slice(index + 1)) {
      const correlation = of(one, other);
      matrix.get(one)?.set(other, correlation);
      matrix.get(other)?.set(one, correlation);
      if (correlation !== null && Math.abs(correlation) > threshold)
        strong.push({ var1: one, var2: other, correlation });
    }
  }
  return {
    correlation_matrix: Object.fromEntries([...matrix].map(([name, row]) => [name, Object.fromEntries(row)])),
    strong_correlations: strong,
    correlation_summary: { total_pairs, strong_correlations_count: strong.length },
  };
}
