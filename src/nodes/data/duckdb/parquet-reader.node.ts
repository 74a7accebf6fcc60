import { z } from 'zod';
import { InvalidArgumentsError, closest } from '../../../core/index.js';
import { NodeFiles } from '../../model/node-files.js';
import { Node, type NodeContext } from '../../model/node.js';
import { WorkflowNode } from '../../model/workflow-node.decorator.js';
import { filePath } from '../csv/csv-parameters.js';
import { DataSettings } from '../data.options.js';
import { rowLimit } from '../row-limit.js';
import { DuckDb, literal, quoted } from './duck-db.js';
import { explainFileError } from './file-source.js';
import { readRows, type RowsRead } from './read-rows.js';

const parameters = z.strictObject({
  file_path: filePath,
  columns: z
    .array(z.string().min(1).max(1_000))
    .min(1)
    .max(10_000)
    .optional()
    .describe('The columns to read. Default: all.'),
  skip_rows: z.int().min(0).default(0).describe('Rows to pass over.'),
  max_rows: z.int().min(1).optional().describe('Rows at the most. Default: as many as the server allows.'),
});

const output = z.strictObject({
  data: z.array(z.unknown()).describe('The rows: values by column.'),
  rows: z.int(),
  columns: z.array(z.strictObject({ name: z.string(), type: z.string() })),
  truncated: z.boolean().describe('Whether there are more rows than were given.'),
});

type Parameters = z.output<typeof parameters>;

/** Reads a Parquet file: of the columns asked for, in the order of the file. */
@WorkflowNode({
  category: 'data',
  description: 'Read a Parquet file.',
  parameters,
  output,
  readOnly: true,
  examples: [{ title: 'two columns', parameters: { file_path: 'data/sales.parquet', columns: ['region', 'amount'] } }],
})
export class ParquetReaderNode extends Node<Parameters, RowsRead> {
  constructor(
    private readonly files: NodeFiles,
    private readonly duckDb: DuckDb,
    private readonly settings: DataSettings,
  ) {
    super();
  }

  override async run(given: Parameters, { signal }: NodeContext): Promise<RowsRead> {
    const { maxRows, maxBytes } = this.settings.options;
    const limit = rowLimit(given.max_rows, maxRows);
    const file = await this.files.roots.resolve(given.file_path, { for: 'read' });
    try {
      return await this.duckDb.run(signal, async (run) => {
        const source = `read_parquet(${literal(file.path)}, file_row_number=true)`;
        const described = await run.connection.runAndReadAll(
          `DESCRIBE SELECT * EXCLUDE (file_row_number) FROM ${source}`,
        );
        const known = described.getRows().map(([name]) => String(name));
        const chosen = given.columns ?? known;
        const faults = chosen.filter((name) => !known.includes(name)).map((name) => unknownColumn(name, known));
        if (faults.length > 0) throw new InvalidArgumentsError(faults, 'parameters of ParquetReaderNode');
        // The server does not keep orders by itself.
        const order = `WHERE file_row_number >= ${given.skip_rows} ORDER BY file_row_number LIMIT ${limit + 1}`;
        const sql = `SELECT ${chosen.map(quoted).join(', ')} FROM ${source} ${order}`;
        return await readRows(run, await run.connection.stream(sql), { maxRows: limit, maxBytes });
      });
    } catch (error) {
      throw explainFileError(error, file.name);
    } finally {
      await file.close();
    }
  }
}

function unknownColumn(name: string, known: readonly string[]): { path: string; message: string } {
  const near = closest(name, known);
  const hint = near === undefined ? `it has: ${known.slice(0, 20).join(', ')}` : `did you mean "${near}"?`;
  return { path: 'columns', message: `there is no column "${name.slice(0, 64)}"; ${hint}` };
}
